/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that is safe to print on a terminal.
 */
#ifndef XDPSHARK_JSON_H
#define XDPSHARK_JSON_H

#include <json-glib/json-glib.h>

/* Add a member to an object. Strings need not be UTF-8; NULL becomes null. */
void json_add_string(JsonBuilder *builder, const char *name, const char *value);
void json_add_number(JsonBuilder *builder, const char *name, guint64 value);
void json_add_boolean(JsonBuilder *builder, const char *name, gboolean value);

/* The text of what was built, indented if pretty. Characters that no terminal should get are
 * written as \uXXXX. Only bytes that are not UTF-8 are lost. Free with g_free(). */
char *json_format(JsonBuilder *builder, gboolean pretty);

/* Whether text of somebody else is nested as little as any of ours, before it is given to
 * JSON-GLib, which needs stack for each level. */
gboolean json_is_flat(const char *text);

#endif /* XDPSHARK_JSON_H */
