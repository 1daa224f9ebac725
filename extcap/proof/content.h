/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the contents of a register or of a place on the stack.
 */
#ifndef XDPSHARK_CONTENT_H
#define XDPSHARK_CONTENT_H

#include "known_bits.h"

typedef enum {
	CONTENT_NUMBER, /* bits are its own; or anything else, of which nothing is known */
	CONTENT_FRAME,	/* pointer into the function's own stack frame; bits: offset from r10 */
	CONTENT_MAP,	/* pointer to a map; bits: its id */
} ContentKind;

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
	gint32 lowest; /* see content_lowest() */
	guint32 label; /* 0: none */
	guint8 width;
	guint8 shift;
	guint8 kind;
	guint8 origins;
	/* If the highest bit of the shared ones (of the low 32 if more are shared, or none) is
	 * zero, so are all above: the value was extended, with its sign or with zeros. */
	guint8 extended;
} Content;

Content content_unknown(guint8 origins);
Content content_constant(guint64 number);
Content content_map(guint32 id);
gboolean content_is_constant(const Content *value);

/* If it is a pointer into the own stack frame, it leads there or higher (from r10); G_MAXINT32: it
 * is none. */
gint32 content_lowest(const Content *value);

/* Are its low 32 bits those of what is labelled? */
gboolean content_shares_low(const Content *value);

/* What `extended` says, from all that is known. */
gboolean content_is_extended(const Content *value);

/* How many of the low 32 bits are known once those are that it shares. */
guint content_low_width(const Content *value);

/* The value as a store and a load of size bytes (1, 2, 4, 8) make it. */
Content content_truncated(Content value, guint size);
Content content_sign_extended(Content value, guint size);

/* The result of an instruction of class BPF_ALU64 (wide) or BPF_ALU; see known_bits_alu(). It keeps
 * the label where the instruction leaves the low 32 bits as they are. */
Content content_alu(guint8 op, gboolean wide, gboolean is_signed, Content a, Content b);

/* What is known of a value that is one of the two; without a label. */
Content content_either(const Content *a, const Content *b);

/* Whether everything that b allows, a allows; labels do not count. */
gboolean content_covers(const Content *a, const Content *b);

#endif /* XDPSHARK_CONTENT_H */
