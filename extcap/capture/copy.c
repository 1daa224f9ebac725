// SPDX-License-Identifier: GPL-2.0-or-later
#include "copy.h"

#include "pcapng.h"

/* So much may wait for the reader. */
#define BACKLOG_MAX ((gsize)4 * 1024 * 1024)

struct Copy {
	Output *output;
	guint64 taken;	  /* bytes of the capture's current file */
	guint64 left_out; /* packets */
	gboolean closed;  /* the reader has gone away */
};

Copy *copy_new(Output *output)
{
	Copy *copy = g_new0(Copy, 1);

	copy->output = output;
	return copy;
}

void copy_free(Copy *copy)
{
	if (!copy)
		return;
	output_free(copy->output);
	g_free(copy);
}

static void flush(Copy *copy)
{
	if (copy->closed)
		return;
	switch (output_flush(copy->output, NULL)) {
	case OUTPUT_CLOSED:
	case OUTPUT_FAILED:
		copy->closed = TRUE;
		break;
	default:
		break;
	}
}

void copy_take(Copy *copy, const Output *output)
{
	gsize length, written;
	const guint8 *data = output_buffer(output, &length, &written);
	guint64 begin = output_written(output) - written, end = begin + length;

	/* Another file has begun, with a head that is shorter than any file before. */
	if (end < copy->taken)
		copy->taken = 0;
	if (end > copy->taken && !copy->closed) {
		gsize old = copy->taken > begin ? (gsize)(copy->taken - begin) : 0;
		GByteArray *pending = output_pending(copy->output);

		if (output_backlog(copy->output) < BACKLOG_MAX)
			g_byte_array_append(pending, data + old, (guint)(length - old));
		else
			copy->left_out += pcapng_append_heads(pending, data + old, length - old);
	}
	copy->taken = end;
	flush(copy);
}

guint64 copy_finish(Copy *copy, guint limit_ms)
{
	if (!copy->closed)
		(void)output_finish(copy->output, limit_ms, NULL);
	return copy->left_out;
}
