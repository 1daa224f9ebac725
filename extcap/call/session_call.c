// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_call.h"

#include <string.h>

G_DEFINE_QUARK(xdpshark_session_error, session_error)

/* The options of a request: whatever is to be said about each. */
typedef struct {
	const char *name;
	const char *type; /* the variant's; which member of the request it is says the offset */
	gsize offset;
	gboolean required;
	guint group; /* SourceOptions: only for points of types that have it */
} Option;

#define AT(MEMBER) G_STRUCT_OFFSET(SessionRequest, MEMBER)

static const Option session_options[] = {
	{ "source", "s", AT(type), TRUE, 0 },
	{ "address", "ay", AT(address), TRUE, 0 },
	{ "id", "u", AT(id), FALSE, 0 },
	{ "filter", "at", AT(filter), TRUE, 0 },
	{ "snaplen", "u", AT(snaplen), FALSE, 0 },
	{ "sample", "u", AT(sample), FALSE, 0 },
	{ "rate", "u", AT(rate), FALSE, 0 },
	{ "verdicts", "u", AT(verdicts), FALSE, SOURCE_HAS_VERDICTS },
	{ "share-foreign", "b", AT(share_foreign), FALSE, SOURCE_HAS_SHARE_FOREIGN },
	{ "unproven", "b", AT(unproven), FALSE, SOURCE_HAS_UNPROVEN },
	{ "ring-size", "t", AT(ring_size), TRUE, 0 },
};

/* NULL: it need not be said. */
static GVariant *pack(const SessionRequest *request, const Option *option)
{
	gconstpointer member = G_STRUCT_MEMBER_P(request, option->offset);

	switch (option->type[option->type[0] == 'a' ? 1 : 0]) {
	case 's':
		return g_variant_new_string(request->type->scheme);
	case 'y':
		return g_variant_new_bytestring(request->address);
	case 't':
		if (option->type[0] != 'a')
			return g_variant_new_uint64(request->ring_size);
		/* One 64-bit number for each, which keeps them aligned. */
		return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, request->filter,
						 request->filter_length, sizeof(*request->filter));
	case 'b':
		return *(const gboolean *)member ? g_variant_new_boolean(TRUE) : NULL;
	default:
		return *(const guint32 *)member ? g_variant_new_uint32(*(const guint32 *)member)
						: NULL;
	}
}

GVariant *session_request_pack(const SessionRequest *request)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < G_N_ELEMENTS(session_options); i++) {
		GVariant *value = pack(request, &session_options[i]);

		if (value)
			g_variant_builder_add(&builder, "{sv}", session_options[i].name, value);
	}
	return g_variant_builder_end(&builder);
}

static gboolean unpack_source(SessionRequest *request, GVariant *value, GError **error)
{
	const char *scheme = g_variant_get_string(value, NULL);

	request->type = source_type_find(scheme, strlen(scheme));
	if (request->type)
		return TRUE;
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST, "there is no source '%s'", scheme);
	return FALSE;
}

static void unpack_filter(SessionRequest *request, GVariant *value)
{
	gconstpointer code =
		g_variant_get_fixed_array(value, &request->filter_length, sizeof(*request->filter));

	request->filter = g_memdup2(code, request->filter_length * sizeof(*request->filter));
}

/* Those before are there already. */
static gboolean unpack(SessionRequest *request, const Option *option, GVariant *value,
		       GError **error)
{
	gpointer member = G_STRUCT_MEMBER_P(request, option->offset);

	switch (option->type[option->type[0] == 'a' ? 1 : 0]) {
	case 's':
		return unpack_source(request, value, error);
	case 'y':
		request->address = g_strdup(g_variant_get_bytestring(value));
		break;
	case 't':
		if (option->type[0] == 'a')
			unpack_filter(request, value);
		else
			request->ring_size = g_variant_get_uint64(value);
		break;
	case 'b':
		*(gboolean *)member = g_variant_get_boolean(value);
		break;
	default:
		*(guint32 *)member = g_variant_get_uint32(value);
		break;
	}
	return TRUE;
}

static gboolean check_option(const char *name, GVariant *value, guint *seen, GError **error)
{
	gsize row = 0;

	while (row < G_N_ELEMENTS(session_options) && strcmp(session_options[row].name, name) != 0)
		row++;
	if (row == G_N_ELEMENTS(session_options)) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "there is no option '%s' of a capture", name);
		return FALSE;
	}
	if (!g_variant_is_of_type(value, G_VARIANT_TYPE(session_options[row].type))) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "option '%s' of a capture is of type %s, not %s", name,
			    g_variant_get_type_string(value), session_options[row].type);
		return FALSE;
	}
	if (*seen >> row & 1) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "option '%s' of a capture is given twice", name);
		return FALSE;
	}
	*seen |= 1U << row;
	return TRUE;
}

/* Each name is one of the table's, once, and of its type. */
static gboolean check_options(GVariant *options, GError **error)
{
	guint seen = 0;

	for (gsize i = 0; i < g_variant_n_children(options); i++) {
		g_autoptr(GVariant) value = NULL;
		const char *name;

		g_variant_get_child(options, i, "{&sv}", &name, &value);
		if (!check_option(name, value, &seen, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean unpack_option(SessionRequest *request, const Option *option, GVariant *options,
			      GError **error)
{
	g_autoptr(GVariant) value =
		g_variant_lookup_value(options, option->name, G_VARIANT_TYPE(option->type));

	if (!value && !option->required)
		return TRUE;
	if (!value) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "option '%s' of a capture is missing", option->name);
		return FALSE;
	}
	if (!unpack(request, option, value, error))
		return FALSE;
	if (option->group == 0 || request->type->options & option->group)
		return TRUE;
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
		    "option '%s' of a capture is not for a %s", option->name, request->type->title);
	return FALSE;
}

gboolean session_request_unpack(GVariant *options, SessionRequest *ret_request, GError **error)
{
	g_auto(SessionRequest) request = { 0 };

	if (!check_options(options, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(session_options); i++)
		if (!unpack_option(&request, &session_options[i], options, error))
			return FALSE;
	*ret_request = request;
	request = (SessionRequest){ 0 };
	return TRUE;
}

void session_request_clear(SessionRequest *request)
{
	g_free((gpointer)request->address);
	g_free((gpointer)request->filter);
	*request = (SessionRequest){ 0 };
}
