// SPDX-License-Identifier: GPL-2.0-or-later
#include "skb_sighting.h"

#include <string.h>

#include "comment.h"
#include "kernel_record.h"

static void append_number(GString *words, const char *key, guint32 number)
{
	char text[16];

	g_snprintf(text, sizeof(text), "%u", number);
	comment_append(words, key, number ? text : NULL);
}

static void append_journey(GString *words, guint64 journey)
{
	char text[24];

	g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, journey);
	comment_append(words, "journey", journey ? text : NULL);
}

static void append_frame(GString *words, guint32 frame)
{
	if (frame != 0)
		g_string_append_printf(words, " frame=0x%08" G_GINT32_MODIFIER "x", frame);
}

static void append_hexadecimal(GString *words, const char *key, guint32 number)
{
	char text[16];

	g_snprintf(text, sizeof(text), "0x%x", number);
	comment_append(words, key, number ? text : NULL);
}

/* "nf_hook_slow+0x9d/0x120 [module]": how long the function is says nothing. */
static void append_place(GString *words, const char *name)
{
	g_autofree char *place = name ? g_strndup(name, strcspn(name, "/ ")) : NULL;

	comment_append(words, "function", place);
}

/* The first calls may be those of our own program. */
#define TRACING_CALLS 4

/* "nf_hook_slow+0x9d,ip_local_deliver+0xcd": what lies above the point is the tracing's own. */
static void append_stack(GString *words, Names *names, const struct xdpshark_kernel_extra *extra)
{
	GString *stack = g_string_new(NULL);

	for (guint i = 0; i < XDPSHARK_STACK_MAX && extra->stack[i] != XDPSHARK_NO_PLACE; i++) {
		const char *name = names_find(names, SESSION_NAME_PLACE, extra->stack[i]);

		if (i < TRACING_CALLS && name && strstr(name, "bpf_"))
			g_string_truncate(stack, 0);
		else
			g_string_append_printf(stack, "%s%.*s", stack->len ? "," : "",
					       name ? (int)strcspn(name, "/ ") : 1,
					       name ? name : "?");
	}
	comment_append(words, "stack", stack->str);
	g_string_free(stack, TRUE);
}

static void append_context(GString *words, const struct xdpshark_kernel_extra *extra)
{
	g_autofree char *command = g_strndup(extra->command, sizeof(extra->command));

	if (extra->flags & XDPSHARK_SKB_PROCESS) {
		comment_append(words, "process", command);
		append_number(words, "pid", extra->process);
	} else if (extra->flags & XDPSHARK_SKB_HARDIRQ) {
		comment_append(words, "context", "hardirq");
	} else if (extra->flags & XDPSHARK_SKB_SOFTIRQ) {
		comment_append(words, "context", "softirq");
	}
}

static char *format_words(Names *names, const struct xdpshark_kernel_extra *extra)
{
	GString *words = g_string_new(NULL);

	if (extra->place != XDPSHARK_NO_PLACE)
		append_place(words, names_find(names, SESSION_NAME_PLACE, extra->place));
	else if (extra->point != 0)
		append_place(words, names_find(names, SESSION_NAME_POINT, extra->point));
	append_context(words, extra);
	append_stack(words, names, extra);
	append_hexadecimal(words, "mark", extra->mark);
	append_hexadecimal(words, "hash", extra->hash);
	append_number(words, "gso_size", extra->gso_size);
	append_number(words, "gso_segs", extra->gso_segments);
	append_journey(words, extra->journey);
	append_frame(words, extra->frame);
	if (extra->flags & XDPSHARK_SKB_MADE_NETWORK)
		comment_append(words, "made", "network");
	else if (extra->flags & XDPSHARK_SKB_MADE_LINK)
		comment_append(words, "made", "link");
	return g_string_free(words, FALSE);
}

static const char *find_reason(Names *names, guint32 number, SkbSighting *sighting)
{
	const char *reason = names_find(names, SESSION_NAME_REASON, number);

	g_snprintf(sighting->number, sizeof(sighting->number), "%u", number);
	return reason ? reason : sighting->number;
}

gboolean skb_sighting_look(Names *names, const RingPacket *packet, SkbSighting *ret_sighting)
{
	struct xdpshark_kernel_extra extra;

	*ret_sighting = (SkbSighting){ .point = NULL };
	if (packet->extra != sizeof(extra))
		return FALSE;
	memcpy(&extra, packet->record->data, sizeof(extra));
	ret_sighting->cut = (extra.flags & XDPSHARK_SKB_CUT) != 0;
	ret_sighting->queueless = !(extra.flags & XDPSHARK_SKB_QUEUE);
	if (extra.flags & XDPSHARK_SKB_REASON)
		ret_sighting->reason = find_reason(names, extra.reason, ret_sighting);
	if (extra.point != 0)
		ret_sighting->point = names_find(names, SESSION_NAME_POINT, extra.point);
	else
		ret_sighting->point = "drops";
	if (extra.point != 0 && ret_sighting->point)
		ret_sighting->place = extra.point;
	if (extra.namespace != 0)
		ret_sighting->namespace = names_find_namespace(names, extra.namespace);
	ret_sighting->words = format_words(names, &extra);
	return TRUE;
}
