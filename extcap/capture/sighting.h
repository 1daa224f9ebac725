/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet that is seen twice: as a program gets it, and as it leaves it. What the program did to
 * it, from what the kernel's side says and from the bytes before and after.
 */
#ifndef XDPSHARK_SIGHTING_H
#define XDPSHARK_SIGHTING_H

#include <glib.h>

#include "pcapng.h"
#include "ring.h"

/* The last entries, for comparing. */
typedef struct Sightings Sightings;

/* own_namespace: the devices are of the caller's network namespace. of_skb: a program of tc sees
 * the packets. */
Sightings *sightings_new(gboolean own_namespace, gboolean of_skb);
void sightings_free(Sightings *sightings);

typedef struct {
	/* Words of its comment that are this packet's own: " ns=412 changed=bytes". */
	char words[PCAPNG_WORDS_MAX];
	gsize length;
	/* These are known if the functions below return TRUE. */
	guint64 socket;	  /* inode of the AF_XDP socket that gets or sends it; 0: none, unknown */
	guint32 pid;	  /* of the process that sends it; 0: unknown */
	char process[64]; /* its name */
} Sighting;

/* What is to be said of a packet of a hook. */
void sighting_at_hook(const RingPacket *packet, Sighting *ret_sighting);

/* What is to be said of a packet of an AF_XDP socket. FALSE: nothing. */
gboolean sighting_of_sender(const RingPacket *packet, Sighting *ret_sighting);

/* What is to be said of this packet. Remembers it if it is an entry. TRUE: it goes to an AF_XDP
 * socket. */
gboolean sightings_look(Sightings *sightings, const RingPacket *packet, Sighting *ret_sighting);

#endif /* XDPSHARK_SIGHTING_H */
