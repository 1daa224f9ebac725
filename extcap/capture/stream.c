// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <string.h>
#include <sys/utsname.h>

#include "action.h"
#include "comment.h"
#include "pcapng.h"

/* What a packet's options depend on: the same for long runs of packets. */
typedef struct {
	guint32 ifindex;
	guint32 queue;
	guint16 cpu;
	guint8 action;
} Kind;

/* Options of the kinds met last, to be found without hashing: as many as a large machine has. */
#define RECENT_KINDS 1024

/* Devices come and go; nothing else makes many kinds. Over the limit all are made anew. */
#define KINDS_MAX 65536

typedef struct {
	Kind kind;
	PcapngOptions *options; /* NULL: empty place */
} Recent;

/* What the packets of an interface have in common as long as nothing changes. */
typedef struct {
	char *program; /* or NULL */
	guint32 program_id;
	char *device; /* or NULL */
} Common;

typedef struct {
	Hook *hook;
	Common common;
	Hook *next; /* the hook from a time on; or NULL */
	guint64 next_from;
	char *filter;
	char *comment;
	guint32 snaplen;
	guint64 packets;
	gboolean wants_hook;
	GHashTable *options; /* Kind * to PcapngOptions * */
	Recent recent[RECENT_KINDS];
} Interface;

struct Stream {
	const Clock *clock;
	OptionComments comments;
	gboolean verdict;
	guint64 taken_back;    /* packets that were not written */
	GPtrArray *interfaces; /* Interface * */
	char *os;
};

static guint kind_hash(gconstpointer key)
{
	const Kind *kind = key;

	return kind->ifindex * 2654435761U + kind->queue * 40503U + kind->cpu * 8U + kind->action;
}

static gboolean kind_equal(gconstpointer left, gconstpointer right)
{
	const Kind *a = left, *b = right;

	return a->ifindex == b->ifindex && a->queue == b->queue && a->cpu == b->cpu &&
	       a->action == b->action;
}

static void options_free(gpointer options)
{
	pcapng_options_free(options);
}

static void interface_free(gpointer data)
{
	Interface *interface = data;

	hook_free(interface->hook);
	hook_free(interface->next);
	g_free(interface->common.program);
	g_free(interface->common.device);
	g_free(interface->filter);
	g_free(interface->comment);
	g_hash_table_unref(interface->options);
	g_free(interface);
}

static char *describe_os(void)
{
	struct utsname name;

	return uname(&name) == 0 ? g_strdup_printf("%s %s", name.sysname, name.release) : NULL;
}

static char *describe_hardware(void)
{
	g_autofree char *text = NULL;
	struct utsname name;
	const char *model;

	if (g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) &&
	    (model = strstr(text, "model name")) && (model = strchr(model, ':')))
		return g_strstrip(g_strndup(model + 1, strcspn(model + 1, "\n")));
	return uname(&name) == 0 ? g_strdup(name.machine) : NULL;
}

Stream *stream_new(const Clock *clock, OptionComments comments, gboolean verdict)
{
	Stream *stream = g_new0(Stream, 1);

	stream->clock = clock;
	stream->comments = comments;
	stream->verdict = verdict;
	stream->interfaces = g_ptr_array_new_with_free_func(interface_free);
	stream->os = describe_os();
	return stream;
}

void stream_free(Stream *stream)
{
	if (!stream)
		return;
	g_ptr_array_unref(stream->interfaces);
	g_free(stream->os);
	g_free(stream);
}

/* The program behind a packet: that of its device, or the hook's only one. NULL where it is not
 * certain. */
static const HookProgram *find_program(const Hook *hook, const HookDevice *device)
{
	if (device && device->program_id)
		return hook_program(hook, device->program_id);
	return hook->programs->len == 1 ? g_ptr_array_index(hook->programs, 0) : NULL;
}

/* The device of a hook that has one. */
static const HookDevice *only_device(const Hook *hook)
{
	return hook->devices->len == 1 ? g_ptr_array_index(hook->devices, 0) : NULL;
}

static void common_set(Common *common, const Hook *hook)
{
	const HookDevice *device = only_device(hook);
	const HookProgram *program = find_program(hook, device);

	common->device = device ? g_strdup(device->name) : NULL;
	common->program = program ? g_strdup(program->name) : NULL;
	common->program_id = program ? program->id : 0;
}

static gboolean common_matches(const Common *common, const Comment *comment)
{
	return g_strcmp0(common->program, comment->program) == 0 &&
	       common->program_id == comment->program_id &&
	       g_strcmp0(common->device, comment->interface) == 0;
}

void stream_add(Stream *stream, Hook *hook, const char *filter, guint32 snaplen,
		const char *comment)
{
	Interface *interface = g_new0(Interface, 1);

	interface->hook = hook;
	common_set(&interface->common, hook);
	interface->filter = g_strdup(filter);
	interface->comment = g_strdup(comment);
	interface->snaplen = snaplen;
	interface->options = g_hash_table_new_full(kind_hash, kind_equal, g_free, options_free);
	g_ptr_array_add(stream->interfaces, interface);
}

void stream_append_head(const Stream *stream, GByteArray *out)
{
	g_autofree char *hardware = describe_hardware();
	const PcapngSection section = {
		.hardware = hardware,
		.os = stream->os,
		.application = "xdpshark " XDPSHARK_VERSION,
	};

	pcapng_append_section(out, &section);
	for (guint i = 0; i < stream->interfaces->len; i++) {
		const Interface *interface = g_ptr_array_index(stream->interfaces, i);
		const Hook *hook = interface->hook;
		const HookDevice *device = only_device(hook);
		const Comment common = {
			.hook = hook->path,
			.program = interface->common.program,
			.program_id = interface->common.program_id,
			.interface = interface->common.device,
			.queue = -1,
			.cpu = -1,
		};
		g_autofree char *description = comment_format(&common);
		const PcapngInterface block = {
			.name = hook->name,
			.description = description,
			.filter = interface->filter,
			.os = stream->os,
			.comment = interface->comment,
			.mac = device && device->has_mac ? device->mac : NULL,
			.speed = device ? device->speed : 0,
			.snaplen = interface->snaplen,
		};

		pcapng_append_interface(out, &block);
	}
}

static PcapngOptions *make_options(const Stream *stream, Interface *interface, const Kind *kind)
{
	const HookDevice *device = hook_device(interface->hook, kind->ifindex);
	const HookProgram *program = find_program(interface->hook, device);
	g_autofree char *number = g_strdup_printf("%u", kind->ifindex);
	const Comment full = {
		.action = action_name(kind->action),
		.hook = interface->hook->path,
		.program = program ? program->name : NULL,
		.program_id = program ? program->id : 0,
		.interface = device ? device->name : number,
		.queue = kind->queue,
		.cpu = kind->cpu,
	};
	/* Queue and CPU are in options of their own. */
	const Comment brief = { .action = full.action, .queue = -1, .cpu = -1 };
	gboolean shorten = stream->comments == OPTION_COMMENTS_SHORT &&
			   common_matches(&interface->common, &full);
	g_autofree char *text = stream->comments == OPTION_COMMENTS_OFF
					? NULL
					: comment_format(shorten ? &brief : &full);

	interface->wants_hook |= device == NULL;
	return pcapng_options_new(text, kind->queue, stream->verdict ? kind->action : -1);
}

static const PcapngOptions *find_options(const Stream *stream, Interface *interface,
					 const Kind *kind)
{
	Recent *recent =
		&interface->recent[(kind->cpu * XDPSHARK_ACTIONS + kind->action + kind->queue) %
				   RECENT_KINDS];

	if (recent->options && kind_equal(&recent->kind, kind))
		return recent->options;
	recent->options = g_hash_table_lookup(interface->options, kind);
	recent->kind = *kind;
	if (recent->options)
		return recent->options;
	if (g_hash_table_size(interface->options) >= KINDS_MAX) {
		g_hash_table_remove_all(interface->options);
		memset(interface->recent, 0, sizeof(interface->recent));
		recent->kind = *kind;
	}
	recent->options = make_options(stream, interface, kind);
	g_hash_table_insert(interface->options, g_memdup2(kind, sizeof(*kind)), recent->options);
	return recent->options;
}

static void set_hook(Interface *interface, Hook *hook)
{
	hook_free(interface->hook);
	interface->hook = hook;
	g_hash_table_remove_all(interface->options);
	memset(interface->recent, 0, sizeof(interface->recent));
}

void stream_append_packet(Stream *stream, GByteArray *out, guint index, const RingPacket *packet)
{
	Interface *interface = g_ptr_array_index(stream->interfaces, index);
	const struct xdpshark_record *record = packet->record;
	const Kind kind = {
		.ifindex = record->ifindex,
		.queue = record->queue,
		.cpu = record->cpu,
		.action = record->action,
	};
	if (interface->next && packet->time >= interface->next_from)
		set_hook(interface, g_steal_pointer(&interface->next));
	const PcapngPacket block = {
		.interface = index,
		.time = clock_realtime(stream->clock, packet->time),
		.captured_length = packet->captured_length,
		.wire_length = packet->wire_length,
		.data = packet->data,
		.packet_id = record->packet,
		.dropped = record->lost,
		.options = find_options(stream, interface, &kind),
	};

	interface->packets++;
	pcapng_append_packet(out, &block);
}

void stream_append_statistics(const Stream *stream, GByteArray *out, guint index,
			      const ReaderCounts *counts, guint64 start, guint64 end)
{
	const Interface *interface = g_ptr_array_index(stream->interfaces, index);
	const PcapngStatistics statistics = {
		.interface = index,
		.time = clock_realtime(stream->clock, end),
		.start = clock_realtime(stream->clock, start),
		.end = clock_realtime(stream->clock, end),
		.received = reader_counts_received(counts, ~0U),
		.dropped = reader_counts_lost(counts, ~0U),
		.accepted = reader_counts_matched(counts, ~0U),
		.delivered = interface->packets,
	};

	pcapng_append_statistics(out, &statistics);
}

guint64 stream_packets(const Stream *stream)
{
	guint64 packets = 0;

	for (guint i = 0; i < stream->interfaces->len; i++)
		packets += ((const Interface *)g_ptr_array_index(stream->interfaces, i))->packets;
	return packets - stream->taken_back;
}

void stream_take_back(Stream *stream, guint64 packets)
{
	stream->taken_back += packets;
}

const Hook *stream_hook(const Stream *stream, guint index)
{
	const Interface *interface = g_ptr_array_index(stream->interfaces, index);

	return interface->next ? interface->next : interface->hook;
}

gboolean stream_wants_hook(Stream *stream, guint *index)
{
	for (guint i = 0; i < stream->interfaces->len; i++) {
		Interface *interface = g_ptr_array_index(stream->interfaces, i);

		if (!interface->wants_hook)
			continue;
		interface->wants_hook = FALSE;
		*index = i;
		return TRUE;
	}
	return FALSE;
}

void stream_update_hook(Stream *stream, guint index, Hook *hook, guint64 from)
{
	Interface *interface = g_ptr_array_index(stream->interfaces, index);

	if (from == 0 && !interface->next) {
		set_hook(interface, hook);
		return;
	}
	/* What is known of the next one only now holds for it from its start. */
	hook_free(interface->next);
	interface->next = hook;
	interface->next_from = from ? from : interface->next_from;
}
