// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes as a packet's comment, and as the name of an interface, in a file
 * that Wireshark opens.
 */
#include <glib.h>
#include <string.h>

#include "dissector/interface_name.h"
#include "dissector/parsed_comment.h"
#include "dissector/skb_comment.h"
#include "dissector/xdp_action.h"
#include "fuzz.h"

static gboolean is_text(const char *text, gsize most)
{
	/* An octet that is no UTF-8 becomes three. */
	return !text ||
	       (*text != '\0' && strlen(text) <= 3 * most && g_utf8_validate(text, -1, NULL));
}

static void read_comment(const char *text, size_t length)
{
	g_autoptr(ParsedComment) comment = parsed_comment_new(text, length);

	if (!comment)
		return;
	FUZZ_CHECK(length <= COMMENT_LENGTH_MAX);
	FUZZ_CHECK(comment->action < ACTION_COUNT);
	FUZZ_CHECK(is_text(comment->hook, 4096));
	FUZZ_CHECK(is_text(comment->program, 512));
	FUZZ_CHECK(is_text(comment->interface, 128));
}

static void read_skb_comment(const char *text, size_t length)
{
	g_autoptr(SkbComment) comment = skb_comment_new(text, length);

	if (!comment)
		return;
	FUZZ_CHECK(length <= COMMENT_LENGTH_MAX);
	FUZZ_CHECK(comment->point && is_text(comment->point, 512));
	FUZZ_CHECK(is_text(comment->reason, 128));
	FUZZ_CHECK(is_text(comment->location, 544));
	FUZZ_CHECK(is_text(comment->stack, 16384));
	FUZZ_CHECK(is_text(comment->process, 64));
}

static void read_interface(const char *name)
{
	InterfaceName interface = { .action = 99 };

	if (!interface_name_parse(name, &interface)) {
		FUZZ_CHECK(interface.action == 99);
		return;
	}
	FUZZ_CHECK(interface.has_action ? interface.action <= 9 : interface.device_length > 0);
	FUZZ_CHECK(interface.device_length + interface.program_length <= strlen(name));
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as long as they say, so that a byte too far is seen. */
	g_autofree char *text = g_memdup2(data, size);
	g_autofree char *name = g_strndup((const char *)data, size);

	read_comment(text ? text : "", size);
	read_skb_comment(text ? text : "", size);
	read_interface(name);
	return 0;
}
