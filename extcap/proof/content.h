/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the contents of a register or stack slot.
 */
#ifndef XDPSHARK_CONTENT_H
#define XDPSHARK_CONTENT_H

#include "known_bits.h"

typedef enum {
	CONTENT_NUMBER, /* bits are the number's; or anything else, of which nothing is known */
	CONTENT_FRAME,	/* pointer into the function's own stack frame; bits: offset from r10 */
	CONTENT_MAP,	/* pointer to a map; bits: its id */
} ContentKind;

/* What a pointer may have been computed from. */
enum {
	ORIGIN_FRAME = 1 << 0,	  /* the function's own stack frame */
	ORIGIN_CONTEXT = 1 << 1,  /* the program's argument */
	ORIGIN_PACKET = 1 << 2,	  /* what was read from the context */
	ORIGIN_MEMORY = 1 << 3,	  /* maps, results of helpers, and what was read from these */
	ORIGIN_ARGUMENT = 1 << 4, /* an argument of the function: any of the above, in its caller */
	ORIGIN_FUNCTION = 1 << 5, /* a function of the program, for a helper to call */
};

/* Values in a frame with the same label share bits of one number, whatever it is: a value's bits
 * from shift on are the low `width` bits of the number, and those below shift are zero. */
typedef struct {
	KnownBits bits;
	gint32 lowest; /* see content_lowest() */
	guint32 label; /* 0: none */
	guint8 width;
	guint8 shift;
	guint8 kind;
	guint8 origins;
	/* If the highest shared bit (bit 31 if more than 32 are shared, or none) is zero, so are
	 * all bits above it: the value was sign- or zero-extended. */
	guint8 extended;
} Content;

Content content_unknown(guint8 origins);
Content content_constant(guint64 number);
Content content_map(guint32 id);
gboolean content_is_constant(const Content *value);

/* The lowest offset from r10 if it is a pointer into the function's own stack frame; G_MAXINT32 if
 * not. */
gint32 content_lowest(const Content *value);

/* True if its low 32 bits are those of the labelled number. */
gboolean content_shares_low(const Content *value);

/* Like `extended`, but worked out from all that is known. */
gboolean content_is_extended(const Content *value);

/* How many of the low 32 bits become known with the bits that it shares. */
guint content_low_width(const Content *value);

/* The value after a store and a load of size bytes (1, 2, 4, 8). */
Content content_truncated(Content value, guint size);
Content content_sign_extended(Content value, guint size);

/* The result of an instruction of class BPF_ALU64 (wide) or BPF_ALU; see known_bits_alu(). Keeps
 * the label if the instruction does not change the low 32 bits. */
Content content_alu(guint8 op, gboolean wide, gboolean is_signed, Content a, Content b);

/* What is known of a value that is either of the two; without a label. */
Content content_either(const Content *a, const Content *b);

/* True if a allows everything that b allows; labels do not count. */
gboolean content_covers(const Content *a, const Content *b);

#endif /* XDPSHARK_CONTENT_H */
