/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traced_program.h"

#include "interface_name.h"
#include "record_interface.h"
#include "skb_comment.h"

#include <inttypes.h>
#include <string.h>

/* Far more than one can capture from; those above are one. */
#define INTERFACE_MAX 65535
/* Interfaces behind that of a packet. */
#define LOOK_AHEAD    16

/* The programs of a section's interfaces by number, so that no packet needs texts read. */
typedef struct {
	wmem_array_t *programs;
} Section;

static wmem_map_t *sections; /* by number */
static wmem_map_t *programs; /* by section and texts */

static bool interface_is_nameless(const RecordInterface *interface)
{
	return !interface->name && !interface->description;
}

/* A program of tc may be there for both ways. */
static void stem_append_tc(wmem_strbuf_t *stem, const char *description)
{
	g_autoptr(SkbComment) comment =
		description
			? skb_comment_new(description, strnlen(description, COMMENT_LENGTH_MAX + 1))
			: NULL;

	if (comment)
		wmem_strbuf_append_printf(stem, "\n%s\n%" PRIu32 "\n%s\n%s",
					  comment->direction ? comment->direction : "",
					  comment->program_id.value,
					  comment->interface ? comment->interface : "",
					  comment->namespace ? comment->namespace : "");
}

/* What the two interfaces of a program have in common; and the point of this one. */
static char *interface_stem(const packet_info *pinfo, const RecordInterface *interface,
			    SeenAt *ret_point)
{
	g_autoptr(ParsedComment) comment = record_interface_comment(interface);
	InterfaceName parsed = { .point = SEEN_AT_HOOK };
	wmem_strbuf_t *stem = wmem_strbuf_new(pinfo->pool, NULL);

	*ret_point = SEEN_AT_HOOK;
	wmem_strbuf_append_printf(stem, "%" PRIu32 "\n", interface->section);
	if (interface_is_nameless(interface))
		return wmem_strbuf_finalize(stem);
	if (interface->name && interface_name_parse(interface->name, &parsed) && parsed.device)
		wmem_strbuf_append_printf(stem, "%.*s",
					  (int)(parsed.device_length + 1 + parsed.program_length),
					  interface->name);
	if (parsed.tc)
		stem_append_tc(stem, interface->description);
	if (comment && comment->point != SEEN_AT_HOOK) {
		parsed.point = comment->point;
		wmem_strbuf_append_printf(
			stem, "\n%s\n%" PRIu32 "\n%s\n%s", comment->program ? comment->program : "",
			comment->program_id.value, comment->interface ? comment->interface : "",
			comment->namespace ? comment->namespace : "");
	}
	if (parsed.point == SEEN_AT_HOOK)
		wmem_strbuf_append_printf(stem, "#%" PRIu32, interface->number);
	*ret_point = parsed.point;
	return wmem_strbuf_finalize(stem);
}

static TracedProgram *traced_program_make(const char *stem)
{
	TracedProgram *program = wmem_map_lookup(programs, stem);

	if (!program) {
		program = wmem_new0(wmem_file_scope(), TracedProgram);
		wmem_map_insert(programs, wmem_strdup(wmem_file_scope(), stem), program);
	}
	return program;
}

static void interface_add(Section *section, const packet_info *pinfo,
			  const RecordInterface *interface)
{
	static const Exits exits[] = {
		[SEEN_AT_HOOK] = EXITS_MAYBE,
		[SEEN_AT_ENTRY] = EXITS_NONE,
		[SEEN_AT_EXIT] = EXITS_CAPTURED,
		[SEEN_AT_XSK] = EXITS_MAYBE,
	};
	SeenAt point;
	TracedProgram *program = traced_program_make(interface_stem(pinfo, interface, &point));

	program->nameless = interface_is_nameless(interface);
	if (program->exits < exits[point])
		program->exits = exits[point];
	wmem_array_append_one(section->programs, program);
}

/* Wireshark says so of interfaces that there are not, and of those without any text. */
static bool interface_is_unknown(const RecordInterface *interface)
{
	return !interface->name || strcmp(interface->name, "unknown") == 0;
}

/* Reads the interfaces up to this one, and some of those behind it that are known already: that of
 * the exits follows that of the entries. Not all, since 4.0 shows each section those of all. */
static void section_extend(Section *section, const packet_info *pinfo, uint32_t number,
			   uint32_t interface)
{
	for (;;) {
		uint32_t next = wmem_array_get_count(section->programs);
		RecordInterface found;

		if (next > interface + LOOK_AHEAD)
			return;
		found = record_interface_nth(pinfo, number, next);
		if (next > interface && interface_is_unknown(&found))
			return;
		interface_add(section, pinfo, &found);
	}
}

TracedProgram *traced_program_find(const packet_info *pinfo, uint32_t *ret_interface)
{
	RecordInterface interface = { .section = 0 };
	Section *section;

	record_interface(pinfo, &interface);
	interface.number = MIN(interface.number, INTERFACE_MAX);
	section = wmem_map_lookup(sections, GUINT_TO_POINTER(interface.section));
	if (!section) {
		section = wmem_new0(wmem_file_scope(), Section);
		section->programs = wmem_array_new(wmem_file_scope(), sizeof(TracedProgram *));
		wmem_map_insert(sections, GUINT_TO_POINTER(interface.section), section);
	}
	section_extend(section, pinfo, interface.section, interface.number);
	*ret_interface = interface.number;
	return *(TracedProgram **)wmem_array_index(section->programs, interface.number);
}

void traced_program_register(void)
{
	sections = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash,
					  g_direct_equal);
	programs = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash,
					  g_str_equal);
}
