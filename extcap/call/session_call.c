// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_call.h"

#include <string.h>

G_DEFINE_QUARK(xdpshark_session_error, session_error)

typedef enum {
	FIELD_SOURCE, /* a scheme */
	FIELD_BYTES,  /* paths and names need not be UTF-8 */
	FIELD_FILTER, /* a 64-bit number for each instruction keeps them aligned */
	FIELD_NUMBER,
	FIELD_SIZE,
	FIELD_FLAG,
} FieldType;

static const char *const field_types[] = {
	[FIELD_SOURCE] = "s", [FIELD_BYTES] = "ay", [FIELD_FILTER] = "at",
	[FIELD_NUMBER] = "u", [FIELD_SIZE] = "t",   [FIELD_FLAG] = "b",
};

/* Where an option may be given. */
typedef enum {
	USE_REQUEST,
	USE_CHANGE,
} Use;

/* The options of a request. */
typedef struct {
	const char *name;
	FieldType type;
	gsize offset;
	gboolean required; /* in a request; a change may leave all of them out */
	guint group;	   /* SourceOptions: only for source types that have it; 0: for all */
} RequestOption;

#define AT(MEMBER) G_STRUCT_OFFSET(SessionRequest, MEMBER)

static const RequestOption session_options[] = {
	{ "source", FIELD_SOURCE, AT(type), TRUE, 0 },
	{ "address", FIELD_BYTES, AT(address), TRUE, 0 },
	{ "id", FIELD_NUMBER, AT(id), FALSE, 0 },
	{ "group", FIELD_BYTES, AT(group), FALSE, SOURCE_HAS_GROUPS },
	{ "filter", FIELD_FILTER, AT(filter), TRUE, 0 },
	{ "snaplen", FIELD_NUMBER, AT(snaplen), FALSE, 0 },
	{ "sample", FIELD_NUMBER, AT(sample), FALSE, 0 },
	{ "rate", FIELD_NUMBER, AT(rate), FALSE, 0 },
	{ "verdicts", FIELD_NUMBER, AT(verdicts), FALSE, SOURCE_HAS_VERDICTS },
	{ "at", FIELD_NUMBER, AT(at), FALSE, SOURCE_HAS_SIGHTINGS },
	{ "filter-at", FIELD_NUMBER, AT(filter_at), FALSE, SOURCE_HAS_SIGHTINGS },
	{ "share-foreign", FIELD_FLAG, AT(share_foreign), FALSE, SOURCE_HAS_SHARE_FOREIGN },
	{ "unproven", FIELD_FLAG, AT(unproven), FALSE, SOURCE_HAS_UNPROVEN },
	{ "reasons", FIELD_BYTES, AT(reasons), FALSE, SOURCE_HAS_SKB },
	{ "process", FIELD_BYTES, AT(process), FALSE, SOURCE_HAS_SKB },
	{ "netns", FIELD_BYTES, AT(netns), FALSE, SOURCE_HAS_SKB },
	{ "device", FIELD_BYTES, AT(device), FALSE, SOURCE_HAS_SKB },
	{ "mark", FIELD_NUMBER, AT(mark), FALSE, SOURCE_HAS_SKB },
	{ "stack", FIELD_FLAG, AT(stack), FALSE, SOURCE_HAS_SKB },
	{ "track", FIELD_FLAG, AT(track), FALSE, SOURCE_HAS_TRACK },
	{ "mark-mask", FIELD_NUMBER, AT(mark_mask), FALSE, SOURCE_HAS_SKB },
	{ "ring-size", FIELD_SIZE, AT(ring_size), TRUE, 0 },
	{ "version", FIELD_NUMBER, AT(version), FALSE, 0 },
	{ "paused", FIELD_FLAG, AT(paused), FALSE, 0 },
};

static gboolean is_for(const RequestOption *option, Use use)
{
	static const char *const both[] = { "filter", "sample", "verdicts", NULL };
	static const char *const change[] = { "version", "paused", NULL };

	if (g_strv_contains(both, option->name))
		return TRUE;
	return g_strv_contains(change, option->name) == (use == USE_CHANGE);
}

/* NULL if the option is left out. */
static GVariant *pack(const SessionRequest *request, const RequestOption *option)
{
	gconstpointer member = G_STRUCT_MEMBER_P(request, option->offset);

	switch (option->type) {
	case FIELD_SOURCE:
		return g_variant_new_string(request->type->scheme);
	case FIELD_BYTES:
		return *(char *const *)member ? g_variant_new_bytestring(*(char *const *)member)
					      : NULL;
	case FIELD_FILTER:
		if (request->filter_length == 0)
			return NULL;
		return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, request->filter,
						 request->filter_length, sizeof(*request->filter));
	case FIELD_NUMBER:
		return *(const guint32 *)member ? g_variant_new_uint32(*(const guint32 *)member)
						: NULL;
	case FIELD_SIZE:
		return g_variant_new_uint64(*(const gsize *)member);
	case FIELD_FLAG:
		return *(const gboolean *)member ? g_variant_new_boolean(TRUE) : NULL;
	}
	return NULL;
}

static GVariant *pack_all(const SessionRequest *request, Use use)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < G_N_ELEMENTS(session_options); i++) {
		GVariant *value = is_for(&session_options[i], use)
					  ? pack(request, &session_options[i])
					  : NULL;

		if (value)
			g_variant_builder_add(&builder, "{sv}", session_options[i].name, value);
	}
	return g_variant_builder_end(&builder);
}

GVariant *session_request_pack(const SessionRequest *request)
{
	return pack_all(request, USE_REQUEST);
}

GVariant *session_change_pack(const SessionRequest *change)
{
	return pack_all(change, USE_CHANGE);
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

/* The value is of the option's type. */
static gboolean unpack(SessionRequest *request, const RequestOption *option, GVariant *value,
		       GError **error)
{
	gpointer member = G_STRUCT_MEMBER_P(request, option->offset);

	switch (option->type) {
	case FIELD_SOURCE:
		return unpack_source(request, value, error);
	case FIELD_BYTES:
		*(char **)member = g_strdup(g_variant_get_bytestring(value));
		return TRUE;
	case FIELD_FILTER:
		unpack_filter(request, value);
		return TRUE;
	case FIELD_NUMBER:
		*(guint32 *)member = g_variant_get_uint32(value);
		return TRUE;
	case FIELD_SIZE:
		*(gsize *)member = g_variant_get_uint64(value);
		return TRUE;
	case FIELD_FLAG:
		*(gboolean *)member = g_variant_get_boolean(value);
		return TRUE;
	}
	return FALSE;
}

static gboolean check_option(const char *name, GVariant *value, Use use, guint *seen,
			     GError **error)
{
	const char *type;
	gsize row = 0;

	while (row < G_N_ELEMENTS(session_options) && strcmp(session_options[row].name, name) != 0)
		row++;
	if (row == G_N_ELEMENTS(session_options) || !is_for(&session_options[row], use)) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    use == USE_CHANGE ? "option '%s' of a capture cannot change"
					      : "there is no option '%s' of a capture",
			    name);
		return FALSE;
	}
	type = field_types[session_options[row].type];
	if (!g_variant_is_of_type(value, G_VARIANT_TYPE(type))) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "option '%s' of a capture is of type %s, not %s", name,
			    g_variant_get_type_string(value), type);
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

/* Each option must be in the table, of its type, and given once. */
static gboolean check_options(GVariant *options, Use use, GError **error)
{
	guint seen = 0;

	for (gsize i = 0; i < g_variant_n_children(options); i++) {
		g_autoptr(GVariant) value = NULL;
		const char *name;

		g_variant_get_child(options, i, "{&sv}", &name, &value);
		if (!check_option(name, value, use, &seen, error))
			return FALSE;
	}
	return TRUE;
}

/* The source is first in the table, so request->type is set by now. */
static gboolean unpack_option(SessionRequest *request, const RequestOption *option,
			      GVariant *options, Use use, GError **error)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(
		options, option->name, G_VARIANT_TYPE(field_types[option->type]));
	g_autofree char *one = NULL;

	if (!value && (!option->required || use == USE_CHANGE))
		return TRUE;
	if (!value) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "option '%s' of a capture is missing", option->name);
		return FALSE;
	}
	if (!unpack(request, option, value, error))
		return FALSE;
	if (option->group == 0 || !request->type || request->type->options & option->group)
		return TRUE;
	one = source_one(request->type);
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
		    "option '%s' of a capture is not for %s", option->name, one);
	return FALSE;
}

static gboolean unpack_all(GVariant *options, Use use, SessionRequest *ret_request, GError **error)
{
	g_auto(SessionRequest) request = { 0 };

	if (!check_options(options, use, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(session_options); i++)
		if (!unpack_option(&request, &session_options[i], options, use, error))
			return FALSE;
	*ret_request = request;
	request = (SessionRequest){ 0 };
	return TRUE;
}

gboolean session_request_unpack(GVariant *options, SessionRequest *ret_request, GError **error)
{
	return unpack_all(options, USE_REQUEST, ret_request, error);
}

gboolean session_change_unpack(GVariant *options, SessionRequest *ret_change, GError **error)
{
	return unpack_all(options, USE_CHANGE, ret_change, error);
}

void session_request_clear(SessionRequest *request)
{
	g_free((gpointer)request->address);
	g_free((gpointer)request->group);
	g_free((gpointer)request->filter);
	g_free((gpointer)request->reasons);
	g_free((gpointer)request->process);
	g_free((gpointer)request->netns);
	g_free((gpointer)request->device);
	*request = (SessionRequest){ 0 };
}

gpointer session_name_new(SessionNameKind kind, guint64 number, const char *text)
{
	SessionName *name = g_new(SessionName, 1);

	*name = (SessionName){ kind, number, g_strdup(text) };
	return name;
}

void session_name_free(gpointer data)
{
	SessionName *name = data;

	g_free(name->text);
	g_free(name);
}
