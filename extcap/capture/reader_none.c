// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * There are no rings where XDP is not: points of this machine are refused before.
 */
#include "reader.h"

G_DEFINE_QUARK(xdpshark_reader_error, reader_error)

Reader *reader_new(GError **error)
{
	g_set_error(error, READER_ERROR, 0, "this xdpshark captures from other hosts only");
	return NULL;
}

void reader_free(Reader *reader G_GNUC_UNUSED)
{
}

Input *reader_input(Reader *reader G_GNUC_UNUSED)
{
	return NULL;
}

gboolean reader_add(Reader *reader G_GNUC_UNUSED, const Rings *rings G_GNUC_UNUSED,
		    GError **error G_GNUC_UNUSED)
{
	return FALSE;
}

void reader_close(Reader *reader G_GNUC_UNUSED)
{
}
