/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source types: kinds of points. Each is a row of one table, from which both processes take
 * everything that depends on the type. What xdpshark-hookd does for each is in hookd/source.h.
 */
#ifndef XDPSHARK_SOURCE_TYPE_H
#define XDPSHARK_SOURCE_TYPE_H

#include <glib.h>

/* What became of a packet. */
typedef struct {
	const char *name;    /* as in the packet's comment: "DROP" */
	const char *meaning; /* for people: "dropped by the program" */
} SourceVerdict;

/* Of verdicts that are not simply numbered from 0. */
typedef struct {
	gint32 number;	   /* in records */
	const char *alias; /* another name, for options; or NULL */
} SourceVerdictCode;

/* What the address of a point is. */
typedef enum {
	SOURCE_ADDRESS_PATH, /* an absolute path */
	SOURCE_ADDRESS_NAME, /* any text */
} SourceAddress;

/* What packets begin with. */
typedef enum {
	SOURCE_LINK_OF_DEVICE, /* whatever packets of their device begin with */
	SOURCE_LINK_ETHERNET,
} SourceLink;

/* The values of pcapng's epb_flags. */
typedef enum {
	SOURCE_DIRECTION_UNKNOWN,
	SOURCE_INBOUND,
	SOURCE_OUTBOUND,
} SourceDirection;

/* No kind of pcapng's epb_verdict: there is none for these verdicts. */
#define SOURCE_VERDICT_NO_OPTION 0xff

/* Groups of options that only some source types have. */
typedef enum {
	SOURCE_HAS_VERDICTS = 1 << 0,	   /* --actions */
	SOURCE_HAS_SHARE_FOREIGN = 1 << 1, /* --share-foreign */
	SOURCE_HAS_UNPROVEN = 1 << 2,	   /* --unproven */
	SOURCE_HAS_FOLLOW = 1 << 3,	   /* --follow */
	SOURCE_HAS_SIGHTINGS = 1 << 4,	   /* --at, --filter-at: packets are seen twice */
	SOURCE_HAS_EXCHANGE = 1 << 5,	   /* filter and verdicts may change during a capture */
	SOURCE_HAS_TRACK = 1 << 7,	   /* --track: a packet can be recognised elsewhere */
	SOURCE_HAS_SKB = 1 << 6,    /* --reason, --process, ...: packets are the kernel's own */
	SOURCE_HAS_GROUPS = 1 << 8, /* a point may stand for others, which come and go */
} SourceOptions;

/* A point that is there on every machine. */
typedef struct {
	const char *address;
	const char *meaning; /* for people: "Packets that the kernel drops" */
	const char *members; /* what it stands for: names with commas; NULL: itself */
} SourcePlace;

typedef struct {
	const char *scheme;  /* before the ':' of an interface value and of SCHEME:ADDRESS */
	const char *title;   /* of one point, for people: "XDP hook" */
	const char *noun;    /* the same in messages, before the address: "hook" */
	const char *called;  /* what an address is, in messages: "the path of a hook" */
	const char *example; /* an address */
	SourceAddress address;
	SourceLink link;
	SourceDirection direction;
	guint8 verdict_kind; /* first byte of pcapng's epb_verdict, or SOURCE_VERDICT_NO_OPTION */
	/* By number, which is also that of the slot that counts them (bpf/record.h). */
	const SourceVerdict *verdicts;
	guint verdict_count;
	/* Of each of them, and of further ones behind, which a single slot counts; NULL: they are
	 * simply numbered. */
	const SourceVerdictCode *codes;
	guint verdict_names; /* so many in all; 0: verdict_count */
	guint options;	     /* SourceOptions */
	guint needless;	     /* others that may be given too: it is always so */
	/* Ending with a NULL address. A type that has such points is listed only where it is asked
	 * for by name: they say nothing about the machine. NULL: it has none. */
	const SourcePlace *places;
	guint rate; /* packets per second and CPU, unless --rate says otherwise; 0: no limit */
	/* The words of a packet's comment: "xdp action=DROP hook=/sys/fs/bpf/fw" */
	const char *comment_word;
	const char *comment_verdict;
	const char *comment_at;	     /* the value of "at"; NULL: it depends on the packet */
	const char *comment_address; /* NULL: it is not in there */
} SourceType;

/* Sightings: those that are captured, and those that the filter looks at. */
enum {
	SOURCE_AT_ENTRY = 1 << 0,
	SOURCE_AT_EXIT = 1 << 1,
	SOURCE_AT_BOTH = SOURCE_AT_ENTRY | SOURCE_AT_EXIT,
};

/* All source types, ending with NULL. The first one is the default where no scheme is given. */
extern const SourceType *const source_types[];

/* Hooks, for the rooms that know nothing else. */
extern const SourceType source_hook;

/* Programs on devices, which need not know of any capture. */
extern const SourceType source_program;

/* The same, of tc: a point is a program, or all of a device, or those of one way. */
extern const SourceType source_tc;

/* What AF_XDP sockets send. */
extern const SourceType source_xsk;

/* The kernel's own places. */
extern const SourceType source_kernel;

/* The type with this scheme, of which only the first `length` bytes count; or NULL. */
const SourceType *source_type_find(const char *scheme, gsize length);

/* Splits SCHEME:ADDRESS: its type, and where the address begins. NULL if it is not of that form. */
const SourceType *source_type_of(const char *text, const char **ret_address);

/* Whether a point of this type could have that address. */
gboolean source_type_takes(const SourceType *type, const char *address);

/* The type's place with this address, or NULL. */
const SourcePlace *source_place_find(const SourceType *type, const char *address);

/* "DROP"; NULL if no verdict has that number. */
const char *source_verdict_name(const SourceType *type, gint64 verdict);

/* The same of a slot. */
const char *source_slot_name(const SourceType *type, guint slot);

/* Bit 1 << slot of the verdict with this name; 0: there is none. Case is ignored, and so is the
 * prefix that it has in C ("XDP_DROP"). */
guint source_verdict_bit(const SourceType *type, const char *name);

/* "aborted, drop, pass". Free with g_free(). */
char *source_verdict_names(const SourceType *type);

/* "an XDP hook". Free it with g_free(). */
char *source_one(const SourceType *type);

#endif /* XDPSHARK_SOURCE_TYPE_H */
