// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_list.h"

#include <errno.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "remote_process.h"
#include "remote_speech.h"

#define LIMIT_S	   30
#define TEXT_MAX   (16U * 1024 * 1024)
#define POINTS_MAX 4096

/* NULL: it is missing, or something else. */
static const char *text_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

static guint64 number_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);
	gint64 value = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : 0;

	return value > 0 ? (guint64)value : 0;
}

static gboolean is_true(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_boolean(node);
}

/* The objects of an array; NULL: it is none. Free with g_list_free(). */
static GList *objects_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_ARRAY(node)
		       ? json_array_get_elements(json_node_get_array(node))
		       : NULL;
}

static Fact fact_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	if (!node || !JSON_NODE_HOLDS_VALUE(node))
		return FACT_UNKNOWN;
	return json_node_get_boolean(node) ? FACT_YES : FACT_NO;
}

static void add_program(Point *point, JsonObject *object)
{
	PointProgram *program = g_new0(PointProgram, 1);
	const char *name = text_of(object, "name"), *tag = text_of(object, "tag");
	const char *loaded = text_of(object, "loaded");
	g_autoptr(GDateTime) time = loaded ? g_date_time_new_from_iso8601(loaded, NULL) : NULL;

	program->id = (guint32)number_of(object, "id");
	program->name = g_strdup(name ? name : "");
	program->tag = tag ? g_ascii_strtoull(tag, NULL, 16) : 0;
	program->loaded = time ? g_date_time_to_unix(time) : 0;
	program->btf = fact_of(object, "btf");
	program->frags = fact_of(object, "frags");
	program->dispatches = is_true(object, "tail_calls");
	g_ptr_array_add(point->programs, program);
}

static XdpMode mode_of(JsonObject *object)
{
	const char *text = text_of(object, "mode");

	for (guint mode = XDP_MODE_UNKNOWN + 1; mode < XDP_MODE_COUNT; mode++)
		if (g_strcmp0(text, xdp_mode_name(mode)) == 0)
			return mode;
	return XDP_MODE_UNKNOWN;
}

static gboolean read_mac(const char *text, guint8 ret_mac[static 6])
{
	return text && sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &ret_mac[0], &ret_mac[1],
			      &ret_mac[2], &ret_mac[3], &ret_mac[4], &ret_mac[5]) == 6;
}

/* Of all that have this type in files, the most common one. */
static guint16 hardware_of(const char *link)
{
	if (g_strcmp0(link, link_types[LINK_ETHERNET].name) == 0)
		return ARPHRD_ETHER;
	return g_strcmp0(link, link_types[LINK_RAW_IP].name) == 0 ? ARPHRD_NONE : ARPHRD_VOID;
}

static void add_device(Point *point, JsonObject *object)
{
	PointDevice *device = g_new0(PointDevice, 1);
	const char *name = text_of(object, "name");

	device->name = g_strdup(name ? name : "");
	device->namespace_name = g_strdup(text_of(object, "netns"));
	device->own_namespace = is_true(object, "own_netns");
	device->namespace = number_of(object, "netns_inode");
	device->ifindex = (guint32)number_of(object, "ifindex");
	device->mode = mode_of(object);
	device->kind = g_strdup(text_of(object, "kind"));
	device->hardware_type = hardware_of(text_of(object, "link_type"));
	device->takes_vlan_tags = is_true(object, "rx_vlan_offload");
	device->has_mac = read_mac(text_of(object, "mac"), device->mac);
	device->speed = number_of(object, "speed");
	g_ptr_array_add(point->devices, device);
}

static void add_slot(Point *point, JsonObject *object)
{
	JsonNode *program = json_object_get_member(object, "program");
	guint slot = point->slots.count;

	if (slot >= HOOK_MAX_SLOTS)
		return;
	point->slots.count++;
	if (!program || !JSON_NODE_HOLDS_OBJECT(program))
		return;
	point->slots.programs[slot] = (guint32)number_of(json_node_get_object(program), "id");
	point->slots.names[slot] = g_strdup(text_of(json_node_get_object(program), "name"));
}

static void add_each(Point *point, JsonObject *object, const char *name,
		     void (*add)(Point *point, JsonObject *object))
{
	GList *list = objects_of(object, name);

	for (GList *at = list; at; at = at->next)
		if (JSON_NODE_HOLDS_OBJECT((JsonNode *)at->data))
			add(point, json_node_get_object(at->data));
	g_list_free(list);
}

/* NULL: of a source type that we do not know. */
static Point *point_of(JsonObject *object)
{
	const char *source = text_of(object, "source"), *address = text_of(object, "address");
	const char *name = text_of(object, "name");
	JsonNode *programs = json_object_get_member(object, "programs");
	const SourceType *type =
		source ? source_type_find(source, strlen(source)) : source_types[0];
	Point *point;

	if (!type || (source && (!address || !source_type_takes(type, address))))
		return NULL;
	point = point_new(type);
	point->address = g_strdup(source ? address : "");
	point->name = g_strdup(name ? name : "");
	point->id = (guint32)number_of(object, "map_id");
	point->programs_known = programs && JSON_NODE_HOLDS_ARRAY(programs);
	point->doubt = g_strdup(text_of(object, "doubt"));
	point->refusal = g_strdup(text_of(object, "refusal"));
	point->hook = g_strdup(text_of(object, "hook"));
	point->dispatcher = g_strdup(text_of(object, "dispatcher"));
	point->way = g_strdup(text_of(object, "attached"));
	add_each(point, object, "programs", add_program);
	add_each(point, object, "devices", add_device);
	add_each(point, object, "slots", add_slot);
	return point;
}

/* Those that nobody can name from outside have none. */
static gboolean has_interface(JsonNode *node)
{
	return text_of(json_node_get_object(node), "interface") != NULL;
}

gboolean remote_list_parse(const char *text, GPtrArray *points, GPtrArray *nameless)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonNode *root;
	GList *list;

	if (!json_is_flat(text) || !json_parser_load_from_data(parser, text, -1, NULL))
		return FALSE;
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_ARRAY(root))
		return FALSE;
	list = json_array_get_elements(json_node_get_array(root));
	for (const GList *at = list; at && points->len + nameless->len < POINTS_MAX;
	     at = at->next) {
		Point *point = JSON_NODE_HOLDS_OBJECT((JsonNode *)at->data)
				       ? point_of(json_node_get_object(at->data))
				       : NULL;

		if (point)
			g_ptr_array_add(has_interface(at->data) ? points : nameless, point);
	}
	g_list_free(list);
	return TRUE;
}

/* FALSE: the output has ended. */
static gboolean read_output(int fd, GByteArray *text)
{
	guint8 buffer[16384];
	gssize length = read(fd, buffer, sizeof(buffer));

	if (length > 0)
		g_byte_array_append(text, buffer, (guint)length);
	return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until it has ended, or takes too long. */
static gboolean run_to_end(RemoteProcess *process, RemoteSpeech *speech, GByteArray *text)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)LIMIT_S * G_USEC_PER_SEC;
	gboolean output = TRUE, errors = TRUE, some;

	while (!remote_process_take_end(process) || output) {
		struct pollfd fds[] = {
			{ output ? remote_process_output(process) : -1, POLLIN, 0 },
			{ errors ? remote_process_error(process) : -1, POLLIN, 0 },
			{ remote_process_take_end(process) ? -1 : remote_process_end_fd(process),
			  POLLIN, 0 },
		};
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;

		if (left <= 0 || text->len > TEXT_MAX)
			return FALSE;
		if (poll(fds, G_N_ELEMENTS(fds), (int)left) <= 0)
			continue;
		if (fds[0].revents)
			output = read_output(remote_process_output(process), text);
		if (fds[1].revents)
			errors = remote_speech_read(speech, remote_process_error(process), &some);
	}
	/* What was said last; a connection that ssh leaves open for others keeps the pipe. */
	if (errors)
		remote_speech_read(speech, remote_process_error(process), &some);
	return TRUE;
}

static char *ask(const RemoteHost *host, const char *const *command, GError **error)
{
	g_autoptr(RemoteProcess) process = remote_process_start(command, error);
	g_autoptr(RemoteSpeech) speech = remote_speech_new(NULL, NULL);
	GByteArray *text;

	if (!process)
		return NULL;
	text = g_byte_array_new();
	remote_process_close_input(process);
	if (!run_to_end(process, speech, text)) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED,
			    "%s: no answer within %d seconds: see whether '%s' works in a terminal",
			    host->label, LIMIT_S, command[0]);
	} else if (remote_process_failure(process) || remote_process_status(process) != 0) {
		remote_speech_set_error(speech, process, host->label, error);
	} else {
		g_byte_array_append(text, (const guint8 *)"", 1);
		return (char *)g_byte_array_free(text, FALSE);
	}
	g_byte_array_unref(text);
	return NULL;
}

char *remote_ask(const RemoteHost *host, const RemoteAccess *access, const GPtrArray *words,
		 GError **error)
{
	g_auto(GStrv) command = remote_host_command(host, access, words, error);

	return command ? ask(host, (const char *const *)command, error) : NULL;
}

GPtrArray *remote_list(const RemoteHost *host, const RemoteAccess *access, gboolean all,
		       GPtrArray **ret_nameless, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) nameless = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *text = NULL;

	g_ptr_array_add(words, (gpointer) "list");
	g_ptr_array_add(words, (gpointer) "--json");
	if (all)
		g_ptr_array_add(words, (gpointer) "--all");
	text = remote_ask(host, access, words, error);
	if (!text)
		return NULL;
	if (!remote_list_parse(text, points, nameless)) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED,
			    "%s: what comes from there is no list of hooks (do startup files of "
			    "its shell print something?)",
			    host->label);
		return NULL;
	}
	*ret_nameless = g_steal_pointer(&nameless);
	return g_steal_pointer(&points);
}
