/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet comment, which carries what XDP did to a packet. It is defined in docs/pcapng.md.
 */
#ifndef XDPSHARK_COMMENT_H
#define XDPSHARK_COMMENT_H

#include <glib.h>

#include "source_type.h"

typedef struct {
	const char *verdict; /* "DROP"; NULL for the description of an interface */
	const char *address; /* of the point; NULL or "" leaves the key out, as with the others */
	const char *program; /* NULL leaves it out; "" stands for a program without a name */
	guint32 program_id;  /* 0 when unknown; ignored without program */
	const char *device;  /* name of the receiving device */
	gint64 queue;	     /* negative when unknown */
	gint64 cpu;
	const char *namespace; /* network namespace of the device; NULL where the name is enough */
	const char *at;	       /* entry or exit */
	const char *way;       /* ingress or egress, of a tc program; or NULL */
	gint64 duration;       /* ns; 0: unknown */
	const char *changed;   /* these two NULL or "" where there is nothing to say */
	const char *redirect;
	const char *part;    /* linear */
	guint64 socket;	     /* inode of an AF_XDP socket; 0: there is none, or it is unknown */
	const char *process; /* as program: that has the socket */
	guint32 process_id;
	guint32 track; /* of a description: whose journeys are numbered; 0: nobody's */
} Comment;

/* Appends the word " key=value"; nothing if value is NULL or "". */
void comment_append(GString *words, const char *key, const char *value);

/* For a packet of a hook: "xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1",
 * values percent-encoded where needed, always valid UTF-8. Free with g_free(). */
char *comment_format(const SourceType *type, const Comment *comment);

/* The comment or description of another host's xdpshark, with that host added: " host=web1". NULL
 * if the text is none of these. Free with g_free(). */
char *comment_add_host(const char *text, const char *host);

/* " key=value", to be put behind a comment. Free with g_free(). */
char *comment_format_word(const char *key, const char *value);

#endif /* XDPSHARK_COMMENT_H */
