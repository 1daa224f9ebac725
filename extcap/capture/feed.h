/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of the points whose packets a stream has: what is known of it, and the labels of its packets,
 * which are made once for all that are alike.
 */
#ifndef XDPSHARK_FEED_H
#define XDPSHARK_FEED_H

#include <glib.h>

#include "counts.h"
#include "filter_version.h"
#include "names.h"
#include "option.h"
#include "origin.h"
#include "pcapng.h"
#include "point.h"
#include "ring.h"
#include "sighting.h"

/* What a packet's options depend on: the same for long runs of packets. */
typedef struct {
	const Origin *origin;
	guint32 queue;
	gint32 verdict;
	guint16 cpu;
	guint16 point;
	guint8 direction;
	guint8 version;
} LabelKey;

/* The options, and what decides on the interface in the file. */
typedef struct {
	PcapngOptions *options;
	LinkType link;
	guint16 place;		/* number of one of several in the point; 0: the point itself */
	const char *place_name; /* the feed's */
} Label;

/* A cache of the labels used last, found without hashing: as many as a large machine needs. */
#define RECENT_LABELS 1024

typedef struct {
	LabelKey key;
	const Label *label; /* NULL: unused */
} Recent;

typedef struct {
	Point *point;
	Point *next; /* replaces point from next_from on; or NULL */
	guint64 next_from;
	char *comment;
	char *remark; /* these in the statistics, or NULL */
	char *changes;
	guint32 snaplen;
	Counts counted;	      /* in the statistics of files before */
	LinkType link;	      /* for packets whose device is not known */
	GPtrArray *versions;  /* FilterVersion *, in order */
	Sightings *sightings; /* NULL unless its packets are seen at entry and at exit */
	guint at;	      /* SOURCE_AT_..., where they are captured */
	Names *names;	      /* of what its records have numbers for; NULL: unknown */
	gboolean wants_point;
	Origins *origins;
	GHashTable *asked;  /* Origin * for which the point was wanted */
	GHashTable *labels; /* LabelKey * to Label * */
	Recent recent[RECENT_LABELS];
} Feed;

/* What all labels of a stream depend on. */
typedef struct {
	OptionComments comments;
	gboolean verdict;  /* also write epb_verdict */
	guint64 namespace; /* cookie of our own network namespace; 0: unknown */
} LabelStyle;

/* Takes over point. filter, comment (or NULL) and snaplen are as for stream_add(). */
Feed *feed_new(Point *point, const char *filter, guint32 snaplen, const char *comment);
void feed_free(gpointer feed);

/* "entry", "exit", or NULL. */
const char *feed_direction(guint8 direction);

/* FALSE: no packets of that direction are captured. */
gboolean feed_has_direction(const Feed *feed, guint8 direction);

/* Whatever labels say of the point may have changed. */
void feed_forget_labels(Feed *feed);

/* Takes over point, in the place of the one before. */
void feed_set_point(Feed *feed, Point *point);

/* Takes note of the device that a record describes. */
void feed_learn_origin(Feed *feed, const RingPacket *packet);

LabelKey feed_key(const Feed *feed, const RingPacket *packet);

/* The label of packets with that key; owned by the feed, until it forgets them. */
const Label *feed_label(Feed *feed, const LabelStyle *style, const LabelKey *key);

/* The label of a packet that has one of its own, to be freed by label_free(), or NULL. In any case
 * *ret_sighting has the words that go behind the comment of this packet alone. */
Label *feed_own_label(Feed *feed, const LabelStyle *style, const LabelKey *key,
		      const RingPacket *packet, Sighting *ret_sighting);
void label_free(gpointer label);

#endif /* XDPSHARK_FEED_H */
