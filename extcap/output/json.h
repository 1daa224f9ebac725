/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that a terminal shows without obeying it.
 */
#ifndef XDPSHARK_JSON_H
#define XDPSHARK_JSON_H

#include <json-glib/json-glib.h>

/* Members of an object. Strings need not be UTF-8; NULL becomes null. */
void json_add_string(JsonBuilder *builder, const char *name, const char *value);
void json_add_number(JsonBuilder *builder, const char *name, guint64 value);
void json_add_boolean(JsonBuilder *builder, const char *name, gboolean value);

/* The text of what was built, indented if pretty. What no terminal should get is written as \uXXXX,
 * so that nothing is lost but bytes that are no UTF-8. To be freed by g_free(). */
char *json_format(JsonBuilder *builder, gboolean pretty);

#endif /* XDPSHARK_JSON_H */
