// SPDX-License-Identifier: GPL-2.0-or-later
#include "change_message.h"

#include <string.h>

#include "json.h"

/* As in the table of options. */
#define SAMPLE_MAX 1000000000

#define ANSWER_BEGIN "{\"changes\":"

/* Bytes of an error, which is in a line that has at most 4,096 (remote_speech.c). */
#define REFUSED_MAX 3000

char *change_message_format(const ChangesSetting *from, const ChangesSetting *to)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_number(builder, "number", to->number);
	if (strcmp(from->filter, to->filter) != 0)
		json_add_string(builder, "filter", to->filter);
	if (from->verdicts != to->verdicts)
		json_add_number(builder, "verdicts", to->verdicts);
	if (from->sample != to->sample)
		json_add_number(builder, "sample", MAX(to->sample, 1));
	if (from->paused != to->paused)
		json_add_boolean(builder, "paused", to->paused);
	json_builder_end_object(builder);
	return json_format(builder, FALSE);
}

/* The only object of a text; NULL: it is none. Owned by the parser. */
static JsonObject *parse_object(JsonParser *parser, const char *text)
{
	JsonNode *root;

	if (!json_is_flat(text) || !json_parser_load_from_data(parser, text, -1, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
}

/* TRUE with *ret_value if that member is there and of the type; FALSE with *ret_wrong if it is of
 * another. */
static gboolean find_value(JsonObject *object, const char *name, GType type, JsonNode **ret_value,
			   gboolean *ret_wrong)
{
	JsonNode *node = json_object_get_member(object, name);

	if (!node)
		return FALSE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != type) {
		*ret_wrong = TRUE;
		return FALSE;
	}
	*ret_value = node;
	return TRUE;
}

static gboolean find_number(JsonObject *object, const char *name, gint64 least, gint64 most,
			    guint32 *ret_number, gboolean *ret_wrong)
{
	JsonNode *node;
	gint64 value;

	if (!find_value(object, name, G_TYPE_INT64, &node, ret_wrong))
		return FALSE;
	value = json_node_get_int(node);
	if (value < least || value > most)
		*ret_wrong = TRUE;
	else
		*ret_number = (guint32)value;
	return !*ret_wrong;
}

gboolean change_message_parse(const char *text, ChangesSetting *setting)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object = parse_object(parser, text);
	ChangesSetting found = *setting;
	JsonNode *filter = NULL, *paused;
	gboolean wrong = FALSE;

	if (!object || !find_number(object, "number", 0, G_MAXUINT32, &found.number, &wrong))
		return FALSE;
	find_number(object, "verdicts", 1, G_MAXUINT32, &found.verdicts, &wrong);
	find_number(object, "sample", 1, SAMPLE_MAX, &found.sample, &wrong);
	if (find_value(object, "paused", G_TYPE_BOOLEAN, &paused, &wrong))
		found.paused = json_node_get_boolean(paused);
	find_value(object, "filter", G_TYPE_STRING, &filter, &wrong);
	if (wrong)
		return FALSE;
	*setting = found;
	if (filter) {
		g_free(setting->filter);
		setting->filter = json_node_dup_string(filter);
	}
	return TRUE;
}

static char *format_answer(JsonBuilder *builder)
{
	json_builder_end_object(builder);
	json_builder_end_object(builder);
	return json_format(builder, FALSE);
}

static JsonBuilder *begin_answer(void)
{
	JsonBuilder *builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "changes");
	json_builder_begin_object(builder);
	return builder;
}

char *change_offer_format(const Changes *changes)
{
	g_autoptr(JsonBuilder) builder = begin_answer();

	json_add_string(builder, "source", changes->source->scheme);
	json_add_number(builder, "slots", changes->slots);
	json_add_number(builder, "verdicts", changes->now.verdicts);
	return format_answer(builder);
}

char *change_answer_format(guint32 number, const GError *error)
{
	g_autoptr(JsonBuilder) builder = begin_answer();
	g_autofree char *cut = error ? g_strndup(error->message, REFUSED_MAX) : NULL;

	json_add_number(builder, "number", number);
	if (error)
		json_add_string(builder, "refused", cut);
	return format_answer(builder);
}

gboolean change_answer_parse(const char *line, ChangeAnswer *ret_answer)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object, *inner;
	JsonNode *node, *text = NULL;
	guint32 slots = 0;
	gboolean wrong = FALSE, answer;

	memset(ret_answer, 0, sizeof(*ret_answer));
	object = g_str_has_prefix(line, ANSWER_BEGIN) ? parse_object(parser, line) : NULL;
	node = object ? json_object_get_member(object, "changes") : NULL;
	if (!node || !JSON_NODE_HOLDS_OBJECT(node))
		return FALSE;
	inner = json_node_get_object(node);
	answer = find_number(inner, "number", 0, G_MAXUINT32, &ret_answer->number, &wrong);
	if (find_value(inner, answer ? "refused" : "source", G_TYPE_STRING, &text, &wrong) &&
	    answer)
		ret_answer->refused = json_node_dup_string(text);
	if (answer || wrong || !text)
		return answer;
	find_number(inner, "slots", 0, G_MAXUINT8, &slots, &wrong);
	find_number(inner, "verdicts", 0, G_MAXUINT32, &ret_answer->verdicts, &wrong);
	ret_answer->slots = slots;
	ret_answer->source =
		source_type_find(json_node_get_string(text), strlen(json_node_get_string(text)));
	return !wrong && ret_answer->source;
}
