/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include "interface_name.h"
#include "version.h"

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
	bool lost_known;
	bool number_known;
	uint64_t lost;
	uint64_t number; /* of the packet */
} Options;

static void number_set(CommentNumber *number, uint32_t value)
{
	if (!number->known)
		*number = (CommentNumber){ .known = true, .value = value };
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
		if (id == OPT_PKT_DROPCOUNT && !options->lost_known) {
			options->lost_known = true;
			options->lost = value->uint64val;
		}
		if (id == OPT_PKT_PACKETID && !options->number_known) {
			options->number_known = true;
			options->number = value->uint64val;
		}
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

/* Name and description of a packet's interface; NULL if missing. Wireshark 4.0 counts interfaces in
 * each section from 0 again, and only finds those of the first: those of others would be wrong. */
typedef struct {
	const char *name;
	const char *description;
} InterfaceTexts;

static InterfaceTexts interface_texts(const packet_info *pinfo)
{
	const wtap_rec *record = pinfo->rec;
	const guint32 section =
		record->presence_flags & WTAP_HAS_SECTION_NUMBER ? record->section_number : 0;
	guint32 id;

	if (!(record->presence_flags & WTAP_HAS_INTERFACE_ID))
		return (InterfaceTexts){ NULL, NULL };
	id = record->rec_header.packet_header.interface_id;
#if WIRESHARK_AT_LEAST(4, 2)
	return (InterfaceTexts){ epan_get_interface_name(pinfo->epan, id, section),
				 epan_get_interface_description(pinfo->epan, id, section) };
#else
	if (section > 0)
		return (InterfaceTexts){ NULL, NULL };
	return (InterfaceTexts){ epan_get_interface_name(pinfo->epan, id),
				 epan_get_interface_description(pinfo->epan, id) };
#endif
}

static const char *text_copy(wmem_allocator_t *pool, const char *text)
{
	return text ? wmem_strdup(pool, text) : NULL;
}

static void verdict_take_comment(Verdict *verdict, wmem_allocator_t *pool,
				 const ParsedComment *comment)
{
	number_set(&verdict->action, comment->action);
	verdict->hook = text_copy(pool, comment->hook);
	verdict->program = text_copy(pool, comment->program);
	verdict->interface = text_copy(pool, comment->interface);
	verdict->namespace = text_copy(pool, comment->namespace);
	verdict->program_id = comment->program_id;
	verdict->queue = comment->queue;
	verdict->cpu = comment->cpu;
}

/* Adds what the packets of an interface have in common, from its description. */
static void verdict_join_interface(Verdict *verdict, wmem_allocator_t *pool,
				   const char *description, const Options *options)
{
	g_autoptr(ParsedComment) common =
		description ? parsed_comment_new_interface(
				      description, strnlen(description, COMMENT_LENGTH_MAX + 1))
			    : NULL;

	if (!common || verdict->hook)
		return;
	verdict->hook = text_copy(pool, common->hook);
	verdict->program = text_copy(pool, common->program);
	verdict->program_id = common->program_id;
	verdict->interface = text_copy(pool, common->interface);
	verdict->namespace = text_copy(pool, common->namespace);
	/* docs/pcapng.md: the number of a packet begins with its CPU. */
	if (options->number_known)
		number_set(&verdict->cpu, (uint32_t)(options->number >> 48));
}

static const char *octets_copy(wmem_allocator_t *pool, const char *octets, size_t length)
{
	g_autofree char *text = octets ? g_utf8_make_valid(octets, (gssize)length) : NULL;

	return text ? wmem_strdup(pool, text) : NULL;
}

/* Takes what files of xdpdump and xdpcap say, or any with a verdict option. Returns false if
 * nothing. */
static bool verdict_take_foreign(Verdict *verdict, const packet_info *pinfo, const char *name,
				 CommentNumber action)
{
	InterfaceName interface = { .has_action = false };
	bool known = name && interface_name_parse(name, &interface);

	verdict->action = action;
	if (interface.has_action)
		number_set(&verdict->action, interface.action);
	verdict->interface = octets_copy(pinfo->pool, interface.device, interface.device_length);
	verdict->program = octets_copy(pinfo->pool, interface.program, interface.program_length);
	return known || action.known;
}

bool verdict_read(packet_info *pinfo, Verdict *ret_verdict)
{
	Options options = { .comment = NULL };
	Verdict verdict = { .hook = NULL };
	InterfaceTexts interface;
	bool found;

	if (!pinfo->rec || pinfo->rec->rec_type != REC_TYPE_PACKET)
		return false;
	if (pinfo->fd->has_modified_block)
		options_collect(&options, epan_get_modified_block(pinfo->epan, pinfo->fd));
	options_collect(&options, pinfo->rec->block);

	interface = interface_texts(pinfo);
	found = options.comment != NULL;
	if (found)
		verdict_take_comment(&verdict, pinfo->pool, options.comment);
	else
		found = verdict_take_foreign(&verdict, pinfo, interface.name, options.action);
	parsed_comment_free(options.comment);
	if (!found)
		return false;
	/* A comment that has the hook is complete, and stays as it is. */
	verdict_join_interface(&verdict, pinfo->pool, interface.description, &options);

	if (options.queue.known)
		number_set(&verdict.queue, options.queue.value);
	verdict.lost = options.lost;
	*ret_verdict = verdict;
	return true;
}
