/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files, read through libpcap.
 */
#ifndef XDPSHARK_CAPTURE_FILE_H
#define XDPSHARK_CAPTURE_FILE_H

#include <glib.h>

#include "link_type.h"

typedef struct CaptureFile CaptureFile;

/* pcap or pcapng with packets of one of our types, at the descriptor, which stays the caller's.
 * path is for messages. */
CaptureFile *capture_file_open(int fd, const char *path, GError **error);
void capture_file_free(CaptureFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureFile, capture_file_free)

LinkType capture_file_link(const CaptureFile *file);

typedef struct {
	const guint8 *data;
	gsize size;	     /* bytes in data: those that were captured */
	guint32 wire_length; /* of the whole packet, as the file says */
} CapturePacket;

/* The next packet, valid until the next call. FALSE at the end, or with error. */
gboolean capture_file_next(CaptureFile *file, CapturePacket *ret_packet, GError **error);

#endif /* XDPSHARK_CAPTURE_FILE_H */
