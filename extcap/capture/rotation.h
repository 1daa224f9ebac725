/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture into several files, one after the other: when the next one is due, and its opening
 * after privileges were dropped.
 */
#ifndef XDPSHARK_ROTATION_H
#define XDPSHARK_ROTATION_H

#include <glib.h>

#include "option.h"
#include "output.h"

typedef struct Rotation Rotation;

/* Opens the first file. Both are NULL if it fails; the output is the caller's. */
Rotation *rotation_new(const OptionValues *values, Output **ret_output, GError **error);
void rotation_free(Rotation *rotation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rotation, rotation_free)

/* Bytes that the current file may still get before the next packet belongs to another one. */
gsize rotation_room(const Rotation *rotation, const Output *output);

/* Its time is over. */
gboolean rotation_is_over(const Rotation *rotation);

/* Its time is over, and it is the last one that is wanted. */
gboolean rotation_ends(const Rotation *rotation);

/* Goes on with the next file; all of the current one must be written. */
gboolean rotation_next(Rotation *rotation, Output *output, GError **error);

/* Files so far. */
guint64 rotation_files(const Rotation *rotation);

#endif /* XDPSHARK_ROTATION_H */
