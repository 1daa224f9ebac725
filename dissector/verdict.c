/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include "interface_name.h"
#include "record_interface.h"
#include "version.h"

#include <inttypes.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>

#if WIRESHARK_AT_LEAST(4, 4)
typedef bool OptionResult;
#else
typedef gboolean OptionResult;
#endif

/* The options of one packet; the first option of each kind counts. */
typedef struct {
	ParsedComment *comment;
	CommentNumber action;
	CommentNumber queue;
	CommentLong lost;
	CommentLong number; /* of the packet */
} Options;

static void number_set(CommentNumber *number, uint32_t value)
{
	if (!number->known)
		*number = (CommentNumber){ .known = true, .value = value };
}

static void long_set(CommentLong *number, uint64_t value)
{
	if (!number->known)
		*number = (CommentLong){ .known = true, .value = value };
}

static OptionResult option_visit(wtap_block_t block, guint id, wtap_opttype_e type,
				 wtap_optval_t *value, void *data)
{
	Options *options = data;

	(void)block;
	switch (type) {
	case WTAP_OPTTYPE_STRING:
		if (id == OPT_COMMENT && !options->comment && value->stringval)
			options->comment = parsed_comment_new(
				value->stringval,
				strnlen(value->stringval, COMMENT_LENGTH_MAX + 1));
		break;
	case WTAP_OPTTYPE_PACKET_VERDICT:
		/* 64 bits in the file, but the kernel only uses 32 of a program's result. */
		if (value->packet_verdictval.type == packet_verdict_linux_ebpf_xdp)
			number_set(&options->action,
				   (uint32_t)value->packet_verdictval.data.verdict_linux_ebpf_xdp);
		break;
	case WTAP_OPTTYPE_UINT32:
		if (id == OPT_PKT_QUEUE)
			number_set(&options->queue, value->uint32val);
		break;
	case WTAP_OPTTYPE_UINT64:
		if (id == OPT_PKT_DROPCOUNT)
			long_set(&options->lost, value->uint64val);
		if (id == OPT_PKT_PACKETID)
			long_set(&options->number, value->uint64val);
		break;
	default:
		break;
	}
	return TRUE;
}

/* One walk over all options: the getters search from the start each time, which would take hours
 * for a file with very many comments. */
static void options_collect(Options *options, wtap_block_t block)
{
	if (block && wtap_block_get_type(block) == WTAP_BLOCK_PACKET)
		wtap_block_foreach_option(block, option_visit, options);
}

static const char *text_copy(wmem_allocator_t *pool, const char *text)
{
	return text ? wmem_strdup(pool, text) : NULL;
}

static void verdict_take_source(Verdict *verdict, wmem_allocator_t *pool,
				const ParsedComment *comment)
{
	verdict->hook = text_copy(pool, comment->hook);
	verdict->program = text_copy(pool, comment->program);
	verdict->program_id = comment->program_id;
	verdict->interface = text_copy(pool, comment->interface);
	verdict->namespace = text_copy(pool, comment->namespace);
	verdict->host = text_copy(pool, comment->host);
}

static void verdict_take_comment(Verdict *verdict, wmem_allocator_t *pool,
				 const ParsedComment *comment)
{
	verdict_take_source(verdict, pool, comment);
	if (comment->action_known)
		number_set(&verdict->action, comment->action);
	if (comment->point != SEEN_AT_HOOK)
		number_set(&verdict->point, comment->point);
	verdict->queue = comment->queue;
	verdict->cpu = comment->cpu;
	verdict->latency = comment->latency;
	verdict->changed = comment->changed;
	verdict->linear = comment->linear;
	verdict->socket = comment->socket;
	verdict->sent = comment->sent;
	verdict->process = text_copy(pool, comment->process);
	verdict->process_id = comment->process_id;
	verdict->frame = comment->frame;
	verdict->redirect = comment->redirect;
	verdict->redirect.interface = (char *)text_copy(pool, comment->redirect.interface);
}

/* A comment that names the hook is whole; so is one of a point that names program or device. */
static bool verdict_is_whole(const Verdict *verdict, bool commented)
{
	bool named = verdict->program || verdict->program_id.known || verdict->interface;

	return verdict->hook || (commented && verdict->point.known && named);
}

/* What the packets of an interface have in common stands in its description. Returns false if
 * that is not for this packet. */
static bool verdict_join_interface(Verdict *verdict, wmem_allocator_t *pool,
				   const RecordInterface *interface, const Options *options)
{
	g_autoptr(ParsedComment) common = record_interface_comment(interface);

	if (!common || verdict_is_whole(verdict, options->comment != NULL))
		return false;
	if (verdict->point.known && verdict->point.value != (uint32_t)common->point)
		return false;
	verdict_take_source(verdict, pool, common);
	number_set(&verdict->point, common->point);
	/* docs/pcapng.md: the number of a packet begins with its CPU. */
	if (options->number.known)
		number_set(&verdict->cpu, (uint32_t)(options->number.value >> 48));
	return true;
}

static const char *octets_copy(wmem_allocator_t *pool, const char *octets, size_t length)
{
	g_autofree char *text = octets ? g_utf8_make_valid(octets, (gssize)length) : NULL;

	return text ? wmem_strdup(pool, text) : NULL;
}

/* What the name of an interface tells, in files of xdpdump and xdpcap. Returns false if nothing. */
static bool verdict_take_name(Verdict *verdict, wmem_allocator_t *pool, const char *name)
{
	InterfaceName interface = { .has_action = false };

	if (!name || !interface_name_parse(name, &interface) || interface.tc ||
	    (verdict->point.known && verdict->point.value != (uint32_t)interface.point))
		return false;
	number_set(&verdict->point, interface.point);
	if (interface.has_action)
		number_set(&verdict->action, interface.action);
	if (!verdict->program)
		verdict->program = octets_copy(pool, interface.program, interface.program_length);
	if (!verdict->interface)
		verdict->interface = octets_copy(pool, interface.device, interface.device_length);
	return true;
}

/* Comment, description and name, in this order, and the verdict option. Returns false if none of
 * them is about XDP. */
static bool verdict_compose(Verdict *verdict, wmem_allocator_t *pool,
			    const RecordInterface *interface, const Options *options)
{
	bool found = options->comment || options->action.known;
	bool whole;

	if (options->comment)
		verdict_take_comment(verdict, pool, options->comment);
	if (options->action.known)
		number_set(&verdict->action, options->action.value);
	whole = verdict_is_whole(verdict, options->comment != NULL);
	if (!options->comment)
		found |= verdict_take_name(verdict, pool, interface->name);
	/* Without comment, option and such a name a description does not make a packet ours. */
	if (found && !verdict_join_interface(verdict, pool, interface, options) &&
	    options->comment && !whole && verdict->point.known)
		verdict_take_name(verdict, pool, interface->name);
	if (options->comment)
		number_set(&verdict->point, SEEN_AT_HOOK);
	return found;
}

bool verdict_read(packet_info *pinfo, Verdict *ret_verdict)
{
	Options options = { .comment = NULL };
	Verdict verdict = { .hook = NULL };
	RecordInterface interface = { .name = NULL };
	bool found;

	if (!pinfo->rec || pinfo->rec->rec_type != REC_TYPE_PACKET)
		return false;
	if (pinfo->fd->has_modified_block)
		options_collect(&options, epan_get_modified_block(pinfo->epan, pinfo->fd));
	options_collect(&options, pinfo->rec->block);

	record_interface(pinfo, &interface);
	found = verdict_compose(&verdict, pinfo->pool, &interface, &options);
	parsed_comment_free(options.comment);
	if (!found)
		return false;

	if (options.queue.known)
		number_set(&verdict.queue, options.queue.value);
	verdict.number = options.number;
	verdict.lost = options.lost.value;
	*ret_verdict = verdict;
	return true;
}

const char *verdict_redirect_format(wmem_allocator_t *pool, const CommentRedirect *redirect)
{
	const char *type = redirect->map_type == MAP_DEVMAP   ? "devmap"
			   : redirect->map_type == MAP_CPUMAP ? "cpumap"
							      : "xskmap";

	if (redirect->interface)
		return wmem_strdup_printf(pool, "if:%s", redirect->interface);
	if (redirect->map_type == MAP_NONE)
		return NULL;
	return wmem_strdup_printf(pool, "%s:%" PRIu32 ":%" PRIu32, type, redirect->map_id,
				  redirect->key);
}
