/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin reads from comments and interface names, and what it leaves alone. */
#include "interface_name.h"
#include "parsed_comment.h"
#include "xdp_action.h"

#include <glib.h>
#include <string.h>

/* Parses a copy that ends exactly at its last octet, so that ASan sees reads beyond it. */
static ParsedComment *octets_parse(const char *octets, size_t length)
{
	g_autofree char *copy = length ? g_memdup2(octets, length) : NULL;

	return parsed_comment_new(copy ? copy : "", length);
}

static ParsedComment *text_parse(const char *text)
{
	return octets_parse(text, strlen(text));
}

static void test_whole(void)
{
	g_autoptr(ParsedComment) comment =
		text_parse("xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 "
			   "if=eth0 queue=3 cpu=1");

	g_assert_nonnull(comment);
	g_assert_cmpuint(comment->action, ==, ACTION_DROP);
	g_assert_cmpstr(comment->hook, ==, "/sys/fs/bpf/fw");
	g_assert_cmpstr(comment->program, ==, "fw");
	g_assert_true(comment->program_id.known);
	g_assert_cmpuint(comment->program_id.value, ==, 812);
	g_assert_cmpstr(comment->interface, ==, "eth0");
	g_assert_true(comment->queue.known);
	g_assert_cmpuint(comment->queue.value, ==, 3);
	g_assert_true(comment->cpu.known);
	g_assert_cmpuint(comment->cpu.value, ==, 1);
}

static void test_action_alone(void)
{
	g_autoptr(ParsedComment) comment = text_parse("xdp action=REDIRECT");

	g_assert_nonnull(comment);
	g_assert_cmpuint(comment->action, ==, ACTION_REDIRECT);
	g_assert_null(comment->hook);
	g_assert_null(comment->program);
	g_assert_null(comment->interface);
	g_assert_false(comment->program_id.known);
	g_assert_false(comment->queue.known);
	g_assert_false(comment->cpu.known);
}

static void test_points(void)
{
	g_autoptr(ParsedComment) entry = text_parse("xdp at=entry");
	g_autoptr(ParsedComment) exit =
		text_parse("xdp at=exit action=REDIRECT ns=18446744073709551615 "
			   "changed=tail,bytes redirect=devmap:12:3 part=linear");
	g_autoptr(ParsedComment) device = text_parse("xdp at=exit redirect=if:a%3Ab");

	g_assert_nonnull(entry);
	g_assert_cmpint(entry->point, ==, SEEN_AT_ENTRY);
	g_assert_false(entry->action_known);
	g_assert_false(entry->latency.known);
	g_assert_nonnull(exit);
	g_assert_cmpint(exit->point, ==, SEEN_AT_EXIT);
	g_assert_true(exit->action_known);
	g_assert_cmpuint(exit->latency.value, ==, UINT64_MAX);
	g_assert_cmpuint(exit->changed, ==, CHANGED_BYTES | CHANGED_TAIL);
	g_assert_cmpuint(exit->redirect.map_type, ==, MAP_DEVMAP);
	g_assert_cmpuint(exit->redirect.map_id, ==, 12);
	g_assert_cmpuint(exit->redirect.key, ==, 3);
	g_assert_true(exit->linear);
	g_assert_nonnull(device);
	g_assert_cmpstr(device->redirect.interface, ==, "a:b");
}

/* Which descriptions of interfaces are ours. */
static void test_descriptions(void)
{
	static const struct {
		const char *text;
		bool ours;
	} descriptions[] = {
		{ "xdp at=entry prog=fw#812 if=eth0", true },
		{ "xdp hook=/a", true },
		{ "xdp at=exit", true },
		{ "xdp at=exit action=TX", false },
		{ "xdp prog=fw#812", false },
		{ "xdp at=hook", false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(descriptions); i++) {
		g_autoptr(ParsedComment) comment = parsed_comment_new_interface(
			descriptions[i].text, strlen(descriptions[i].text));

		g_test_message("%s", descriptions[i].text);
		g_assert_cmpint(comment != NULL, ==, descriptions[i].ours);
	}
}

static void test_actions(void)
{
	static const char *const names[] = { "ABORTED", "DROP", "PASS", "TX", "REDIRECT" };

	for (uint32_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *text = g_strdup_printf("xdp action=%s", names[i]);
		g_autoptr(ParsedComment) comment = text_parse(text);

		g_assert_nonnull(comment);
		g_assert_cmpuint(comment->action, ==, i);
	}
}

static void test_any_order_and_unknown_keys(void)
{
	g_autoptr(ParsedComment) comment =
		text_parse("xdp new= cpu=4294967295 v2.x_-y=%20=a queue=0 action=TX Action=DROP");

	g_assert_nonnull(comment);
	g_assert_cmpuint(comment->action, ==, ACTION_TX);
	g_assert_cmpuint(comment->cpu.value, ==, UINT32_MAX);
	g_assert_true(comment->queue.known);
	g_assert_cmpuint(comment->queue.value, ==, 0);
}

/* The hook, program and interface that a value stands for; NULL if there is no program. */
static const struct {
	const char *text;
	const char *hook;
	const char *program;
	guint32 id;
} decodings[] = {
	{ "hook=/a%20b%25c%3d%3D", "/a b%c==", NULL, 0 },
	{ "hook=/gr\xc3\xbc\xc3\x9f%C3%A9", "/gr\xc3\xbc\xc3\x9f\xc3\xa9", NULL, 0 },
	{ "hook=/%ff%fe", "/\xef\xbf\xbd\xef\xbf\xbd", NULL, 0 },
	{ "hook=/\xff", "/\xef\xbf\xbd", NULL, 0 },
	{ "hook=/%0a", "/\n", NULL, 0 },
	{ "hook=a=b", "a=b", NULL, 0 },
	{ "prog=a#b#12", NULL, "a#b", 12 },
	{ "prog=a%23b#12", NULL, "a#b", 12 },
	{ "prog=a%2312", NULL, "a#12", 0 },
	{ "prog=#7", NULL, NULL, 7 },
	{ "prog=#%37", NULL, NULL, 7 },
	{ "prog=fw", NULL, "fw", 0 },
};

static void test_decoding(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(decodings); i++) {
		g_autofree char *text = g_strdup_printf("xdp action=PASS %s", decodings[i].text);
		g_autoptr(ParsedComment) comment = text_parse(text);

		g_test_message("%s", text);
		g_assert_nonnull(comment);
		g_assert_cmpstr(comment->hook, ==, decodings[i].hook);
		g_assert_cmpstr(comment->program, ==, decodings[i].program);
		g_assert_cmpint(comment->program_id.known, ==, decodings[i].id != 0);
		g_assert_cmpuint(comment->program_id.value, ==, decodings[i].id);
	}
}

static const char *const malformed[] = {
	"",
	"x",
	"xdp",
	"xdp ",
	"xdp  action=DROP",
	"xdp action=DROP ",
	"xdp action=DROP  cpu=1",
	" xdp action=DROP",
	"XDP action=DROP",
	"xdpaction=DROP",
	"xdp2 action=DROP",
	"xdp\taction=DROP",
	"xdp action=DROP\n",
	"xdp action=DROP\tcpu=1",
	"xdp action=DROP note",
	"xdp action=DROP =1",
	"xdp action=DROP k\xc3\xa4y=1",
	"xdp action",
	"xdp action=",
	"xdp action=drop",
	"xdp action=XDP_DROP",
	"xdp action=DROPPED",
	"xdp action=1",
	"xdp hook=/a cpu=1",
	"xdp action=DROP action=DROP",
	"xdp action=DROP cpu=1 cpu=2",
	"xdp action=DROP prog=#1 prog=a",
	"xdp action=DROP hook=",
	"xdp action=DROP hook=/%",
	"xdp action=DROP hook=/%2",
	"xdp action=DROP hook=/%2g",
	"xdp action=DROP hook=/%-1",
	"xdp action=DROP hook=/%00x",
	"xdp action=DROP hook=/\x7f",
	"xdp action=DROP other=%zz",
	"xdp action=DROP prog=",
	"xdp action=DROP prog=#",
	"xdp action=DROP prog=fw#",
	"xdp action=DROP prog=fw#x",
	"xdp action=DROP prog=fw#-1",
	"xdp action=DROP prog=fw#4294967296",
	"xdp action=DROP queue=",
	"xdp action=DROP queue=+1",
	"xdp action=DROP queue=0x1",
	"xdp action=DROP queue=%201",
	"xdp action=DROP queue=1%00",
	"xdp action=DROP cpu=99999999999999999999",
	"xdp action=DROP cpu=-1",
	"xdp at=",
	"xdp at=hook",
	"xdp at=entry at=exit",
	"xdp ns=5",
	"xdp at=exit ns=18446744073709551616",
	"xdp at=exit ns=-5",
	"xdp at=exit changed=",
	"xdp at=exit changed=head,,tail",
	"xdp at=exit changed=head,head",
	"xdp at=exit redirect=if:",
	"xdp at=exit redirect=devmap:1",
	"xdp at=exit redirect=devmap::1",
	"xdp at=exit redirect=other:1:2",
	"xdp at=exit redirect=devmap:1:2:3",
	"xdp at=exit part=",
	"dropped by the firewall",
	"xdp is what dropped this",
};

static void test_malformed(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(malformed); i++) {
		g_autoptr(ParsedComment) comment = text_parse(malformed[i]);

		g_test_message("'%s'", malformed[i]);
		g_assert_null(comment);
	}
}

static void test_nul_inside(void)
{
	static const char text[] = "xdp action=DROP\0cpu=1";
	g_autoptr(ParsedComment) comment = octets_parse(text, sizeof(text) - 1);

	g_assert_null(comment);
}

/* "xdp action=DROP KEY=" and count times unit. */
static ParsedComment *repeated_parse(const char *key, const char *unit, size_t count)
{
	g_autoptr(GString) text = g_string_new("xdp action=DROP ");

	g_string_append_printf(text, "%s=", key);
	for (size_t i = 0; i < count; i++)
		g_string_append(text, unit);
	return octets_parse(text->str, text->len);
}

static const struct {
	const char *key;
	const char *unit;
	size_t count; /* accepted; one more is not */
} longest[] = {
	{ "hook", "a", 4096 }, { "hook", "%61", 4096 }, { "prog", "p", 512 },
	{ "if", "i", 128 },    { "queue", "0", 10 },	{ "other", "x", 65513 },
};

static void test_long(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(longest); i++) {
		g_autoptr(ParsedComment) good =
			repeated_parse(longest[i].key, longest[i].unit, longest[i].count);
		g_autoptr(ParsedComment) bad =
			repeated_parse(longest[i].key, longest[i].unit, longest[i].count + 1);

		g_test_message("%s %s", longest[i].key, longest[i].unit);
		g_assert_nonnull(good);
		g_assert_null(bad);
	}
}

static void test_very_many_words(void)
{
	g_autoptr(GString) text = g_string_new("xdp action=DROP");
	g_autoptr(ParsedComment) comment = NULL;

	while (text->len + 4 <= COMMENT_LENGTH_MAX)
		g_string_append(text, " a=b");
	comment = octets_parse(text->str, text->len);
	g_assert_nonnull(comment);
}

static void strings_check(const ParsedComment *comment)
{
	g_assert_cmpuint(comment->action, <, ACTION_COUNT);
	g_assert_true(!comment->hook || g_utf8_validate(comment->hook, -1, NULL));
	g_assert_true(!comment->program || g_utf8_validate(comment->program, -1, NULL));
	g_assert_true(!comment->interface || g_utf8_validate(comment->interface, -1, NULL));
}

/* Favours octets that have a meaning in the grammar. */
static char octet_random(GRand *random)
{
	static const char telling[] = "# %%%==xdp02afFPTX\xc3\xff";

	if (g_rand_boolean(random))
		return telling[g_rand_int_range(random, 0, sizeof(telling))];
	return (char)g_rand_int_range(random, 0, 256);
}

static void test_mutated(void)
{
	static const char seed[] =
		"xdp action=DROP hook=/a%20b/%C3%A9 prog=a#b%23#812 if=e queue=3 at=exit ns=412 "
		"changed=bytes,head redirect=devmap:12:3 part=linear";
	GRand *random = g_rand_new_with_seed(4711);
	unsigned accepted = 0;

	for (unsigned round = 0; round < 50000; round++) {
		char text[sizeof(seed)];
		size_t length = sizeof(seed) - 1;
		g_autoptr(ParsedComment) comment = NULL;

		memcpy(text, seed, sizeof(seed));
		for (int i = g_rand_int_range(random, 1, 4); i > 0; i--)
			text[g_rand_int_range(random, 4, (gint32)length)] = octet_random(random);
		if (g_rand_int_range(random, 0, 4) == 0)
			length = (size_t)g_rand_int_range(random, 0, (gint32)length);
		comment = octets_parse(text, length);
		if (comment) {
			strings_check(comment);
			accepted++;
		}
	}
	g_rand_free(random);
	/* Otherwise the loop only tried one side. */
	g_assert_cmpuint(accepted, >, 500);
	g_assert_cmpuint(accepted, <, 49500);
}

/* action -1: the name has none. */
static const struct {
	const char *name;
	int action;
	const char *device;
	const char *program;
} interfaces[] = {
	{ "XDPAborted", ACTION_ABORTED, NULL, NULL },
	{ "XDPDrop", ACTION_DROP, NULL, NULL },
	{ "XDPPass", ACTION_PASS, NULL, NULL },
	{ "XDPTx", ACTION_TX, NULL, NULL },
	{ "XDPxdpAction(4)", ACTION_REDIRECT, NULL, NULL },
	{ "XDPredirect", ACTION_REDIRECT, NULL, NULL },
	{ "eth0:xdp_main()@fentry", -1, "eth0", "xdp_main" },
	{ "eth0:xdp_main()@fexit", -1, "eth0", "xdp_main" },
	{ "eth0:1:xdp_main()@fexit", -1, "eth0:1", "xdp_main" },
};

static void test_interfaces(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(interfaces); i++) {
		InterfaceName found = { .action = 99 };
		g_autofree char *device = NULL;
		g_autofree char *program = NULL;

		g_test_message("%s", interfaces[i].name);
		g_assert_true(interface_name_parse(interfaces[i].name, &found));
		device = g_strndup(found.device, found.device_length);
		program = g_strndup(found.program, found.program_length);
		g_assert_cmpstr(device, ==, interfaces[i].device);
		g_assert_cmpstr(program, ==, interfaces[i].program);
		g_assert_cmpint(found.has_action ? (int)found.action : -1, ==,
				interfaces[i].action);
	}
}

static void test_foreign_interfaces(void)
{
	static const char *const names[] = {
		"",
		"XDP",
		"XDPDropped",
		"XDPxdpAction()",
		"XDPxdpAction",
		"eth0",
		"XDPxdpAction(4",
		"XDPxdpAction(12)",
		"xdpdrop",
		"xdp:/fw",
		"()@fexit",
		":()@fexit",
		"eth0:()@fexit",
		":f()@fexit",
		"eth0 f()@fexit",
		"eth0:f()@exit",
		"any",
		"eth0:f()@fexit ",
		"eth0:f@fentry",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		InterfaceName found = { .action = 99 };

		g_test_message("'%s'", names[i]);
		g_assert_false(interface_name_parse(names[i], &found));
		g_assert_cmpuint(found.action, ==, 99);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/comment/whole", test_whole);
	g_test_add_func("/comment/action-alone", test_action_alone);
	g_test_add_func("/comment/entry-and-exit", test_points);
	g_test_add_func("/comment/descriptions", test_descriptions);
	g_test_add_func("/comment/every-action", test_actions);
	g_test_add_func("/comment/any-order-and-unknown-keys", test_any_order_and_unknown_keys);
	g_test_add_func("/comment/decoding", test_decoding);
	g_test_add_func("/comment/malformed-is-left-alone", test_malformed);
	g_test_add_func("/comment/nul-inside", test_nul_inside);
	g_test_add_func("/comment/longest-values", test_long);
	g_test_add_func("/comment/very-many-words", test_very_many_words);
	g_test_add_func("/comment/mutated", test_mutated);
	g_test_add_func("/interface/xdpcap-and-xdpdump", test_interfaces);
	g_test_add_func("/interface/foreign-is-left-alone", test_foreign_interfaces);
	return g_test_run();
}
