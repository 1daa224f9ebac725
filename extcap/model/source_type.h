/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of places where packets can be looked at: a row of a table each, from which both processes
 * read all that depends on the kind. What xdpshark-hookd does for each is in hookd/source.h.
 */
#ifndef XDPSHARK_SOURCE_TYPE_H
#define XDPSHARK_SOURCE_TYPE_H

#include <glib.h>

/* What is done with a packet. */
typedef struct {
	const char *name;    /* as in the packet's comment: "DROP" */
	const char *meaning; /* for people: "dropped by the program" */
} SourceVerdict;

/* What an address is. */
typedef enum {
	SOURCE_ADDRESS_PATH, /* an absolute path */
	SOURCE_ADDRESS_NAME, /* any text */
} SourceAddress;

/* What packets begin with. */
typedef enum {
	SOURCE_LINK_OF_DEVICE, /* as packets of their device do */
	SOURCE_LINK_ETHERNET,
} SourceLink;

/* As pcapng counts them. */
typedef enum {
	SOURCE_DIRECTION_UNKNOWN,
	SOURCE_INBOUND,
	SOURCE_OUTBOUND,
} SourceDirection;

/* Groups of options that a source may have beside those that each has. */
typedef enum {
	SOURCE_HAS_VERDICTS = 1 << 0,	   /* --actions */
	SOURCE_HAS_SHARE_FOREIGN = 1 << 1, /* --share-foreign */
	SOURCE_HAS_UNPROVEN = 1 << 2,	   /* --unproven */
	SOURCE_HAS_FOLLOW = 1 << 3,	   /* --follow */
	SOURCE_HAS_SIGHTINGS = 1 << 4,	   /* --at: packets are seen at entry and at exit */
} SourceOptions;

typedef struct {
	const char *scheme;  /* before the ':' of an interface value and of SCHEME:ADDRESS */
	const char *title;   /* of one, for people: "XDP hook" */
	const char *noun;    /* the same in messages, before the address: "hook" */
	const char *called;  /* what an address is, in messages: "the path of a hook" */
	const char *example; /* an address */
	SourceAddress address;
	SourceLink link;
	SourceDirection direction;
	guint8 verdict_kind; /* of a verdict in pcapng's epb_verdict: its first byte */
	/* By number; a packet's is counted in the slot of the same number (bpf/record.h). */
	const SourceVerdict *verdicts;
	guint verdict_count;
	guint options; /* SourceOptions */
	/* Of a packet's comment: "xdp action=DROP hook=/sys/fs/bpf/fw" */
	const char *comment;
	const char *comment_verdict;
	const char *comment_address; /* NULL: it is not in there */
} SourceType;

/* At which sightings packets are captured. */
enum {
	SOURCE_AT_ENTRY = 1 << 0,
	SOURCE_AT_EXIT = 1 << 1,
	SOURCE_AT_BOTH = SOURCE_AT_ENTRY | SOURCE_AT_EXIT,
};

/* All there are, NULL at the end. The first one is meant where no scheme is given. */
extern const SourceType *const source_types[];

/* Hooks, of which the rooms that only know of hooks make points. */
extern const SourceType source_hook;

/* Programs on devices, which need not know of any capture. */
extern const SourceType source_program;

/* That of a scheme, of which only the first `length` bytes count; or NULL. */
const SourceType *source_type_find(const char *scheme, gsize length);

/* Of SCHEME:ADDRESS: its type, and where the address begins. NULL if it is nothing of the kind. */
const SourceType *source_type_of(const char *text, const char **ret_address);

/* Whether it may be one of its points' addresses. */
gboolean source_type_takes(const SourceType *type, const char *address);

/* "DROP"; NULL for a number that is no verdict's. */
const char *source_verdict_name(const SourceType *type, gint64 verdict);

/* Bit 1 << number for the verdict of a name, in whatever case, with the prefix that C has for it
 * ("XDP_DROP") or without; 0: it has none of that name. */
guint source_verdict_bit(const SourceType *type, const char *name);

/* "aborted, drop, pass": to be freed by g_free(). */
char *source_verdict_names(const SourceType *type);

#endif /* XDPSHARK_SOURCE_TYPE_H */
