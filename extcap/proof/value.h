/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the contents of a register or of a place on the stack.
 */
#ifndef XDPSHARK_VALUE_H
#define XDPSHARK_VALUE_H

#include "known_bits.h"

typedef enum {
	VALUE_NUMBER, /* bits are its own; or anything else, of which nothing is known */
	VALUE_FRAME,  /* pointer into the function's own stack frame; bits: offset from r10 */
	VALUE_MAP,    /* pointer to a map; bits: its id */
} ValueKind;

/* What a pointer may have been made of. */
enum {
	ORIGIN_FRAME = 1 << 0,	  /* the function's own stack frame */
	ORIGIN_CONTEXT = 1 << 1,  /* the program's argument */
	ORIGIN_PACKET = 1 << 2,	  /* what was read from that */
	ORIGIN_MEMORY = 1 << 3,	  /* maps, results of helpers, what was read from there */
	ORIGIN_ARGUMENT = 1 << 4, /* an argument of the function: any of these, of its caller */
	ORIGIN_FUNCTION = 1 << 5, /* a function of the program, for a helper to call */
};

/* Values with the same label in a frame share bits of one number, whatever that is: a value's bits
 * from shift on are the low `width` bits of the number, and those below are zero. */
typedef struct {
	KnownBits bits;
	gint32 lowest; /* see value_lowest() */
	guint32 label; /* 0: none */
	guint8 width;
	guint8 shift;
	guint8 kind;
	guint8 origins;
	/* If the highest bit of the shared ones (of the low 32 if more are shared, or none) is
	 * zero, so are all above: the value was extended, with its sign or with zeros. */
	guint8 extended;
} Value;

Value value_unknown(guint8 origins);
Value value_constant(guint64 number);
Value value_map(guint32 id);
gboolean value_is_constant(const Value *value);

/* If it is a pointer into the own stack frame, it leads there or higher (from r10); G_MAXINT32: it
 * is none. */
gint32 value_lowest(const Value *value);

/* Are its low 32 bits those of what is labelled? */
gboolean value_shares_low(const Value *value);

/* What `extended` says, from all that is known. */
gboolean value_is_extended(const Value *value);

/* How many of the low 32 bits are known once those are that it shares. */
guint value_low_width(const Value *value);

/* The value as a store and a load of size bytes (1, 2, 4, 8) make it. */
Value value_truncated(Value value, guint size);
Value value_sign_extended(Value value, guint size);

/* The result of an instruction of class BPF_ALU64 (wide) or BPF_ALU; see known_bits_alu(). It keeps
 * the label where the instruction leaves the low 32 bits as they are. */
Value value_alu(guint8 op, gboolean wide, gboolean is_signed, Value a, Value b);

/* What is known of a value that is one of the two; without a label. */
Value value_either(const Value *a, const Value *b);

/* Whether everything that b allows, a allows; labels do not count. */
gboolean value_covers(const Value *a, const Value *b);

#endif /* XDPSHARK_VALUE_H */
