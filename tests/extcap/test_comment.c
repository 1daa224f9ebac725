/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet comment: what it says, and that no name or path can break its grammar. */
#include "comment.h"

#include <string.h>

typedef struct {
	const char *name;
	Comment comment;
	const char *expected;
} Case;

static const Case cases[] = {
	{ "says all that is known",
	  { .verdict = "DROP",
	    .address = "/sys/fs/bpf/fw",
	    .program = "fw",
	    .program_id = 812,
	    .device = "eth0",
	    .queue = 3,
	    .cpu = 1 },
	  "xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1" },
	{ "says in which network namespace the device is",
	  { .verdict = "DROP", .device = "eth0", .queue = -1, .cpu = -1, .namespace = "pod 1" },
	  "xdp action=DROP if=eth0 netns=pod%201" },
	{ "says zero for queue and cpu 0",
	  { .verdict = "PASS", .address = "/sys/fs/bpf/fw", .queue = 0, .cpu = 0 },
	  "xdp action=PASS hook=/sys/fs/bpf/fw queue=0 cpu=0" },
	{ "leaves out what is unknown",
	  { .verdict = "TX", .program_id = 812, .device = "", .queue = -1, .cpu = -1 },
	  "xdp action=TX" },
	{ "writes a program without its id",
	  { .verdict = "TX", .program = "fw", .queue = -1, .cpu = -1 },
	  "xdp action=TX prog=fw" },
	{ "writes an id without a name",
	  { .verdict = "TX", .program = "", .program_id = 7, .queue = -1, .cpu = -1 },
	  "xdp action=TX prog=#7" },
	{ "leaves out a program without name and id",
	  { .verdict = "TX", .program = "", .queue = -1, .cpu = -1 },
	  "xdp action=TX" },
	{ "encodes space, percent and control characters",
	  { .verdict = "DROP",
	    .address = "/sys/fs/bpf/a b%20\n\x7f\t",
	    .device = "e 0",
	    .queue = -1,
	    .cpu = -1 },
	  "xdp action=DROP hook=/sys/fs/bpf/a%20b%2520%0A%7F%09 if=e%200" },
	{ "encodes # in a program name only",
	  { .verdict = "DROP",
	    .address = "/bpf/x#1",
	    .program = "a#b",
	    .program_id = 9,
	    .device = "e#0",
	    .queue = -1,
	    .cpu = -1 },
	  "xdp action=DROP hook=/bpf/x#1 prog=a%23b#9 if=e#0" },
	{ "leaves = and UTF-8 readable",
	  { .verdict = "DROP",
	    .address = "/bpf/k=v",
	    .program = "f\xc3\xbcr",
	    .program_id = 9,
	    .queue = -1,
	    .cpu = -1 },
	  "xdp action=DROP hook=/bpf/k=v prog=f\xc3\xbcr#9" },
	{ "encodes bytes that are not UTF-8",
	  { .verdict = "DROP", .address = "/bpf/\xff\xc3", .queue = -1, .cpu = -1 },
	  "xdp action=DROP hook=/bpf/%FF%C3" },
	{ "encodes spaces and direction marks of Unicode",
	  { .verdict = "DROP",
	    .address = "/bpf/\xc2\xa0\xe2\x80\xa8\xe2\x80\xae",
	    .queue = -1,
	    .cpu = -1 },
	  "xdp action=DROP hook=/bpf/%C2%A0%E2%80%A8%E2%80%AE" },
	{ "says what a program did",
	  { .verdict = "REDIRECT",
	    .queue = -1,
	    .cpu = -1,
	    .at = "exit",
	    .duration = 412,
	    .changed = "bytes,head",
	    .redirect = "devmap:3:1",
	    .part = "linear" },
	  "xdp at=exit action=REDIRECT ns=412 changed=bytes,head redirect=devmap:3:1 part=linear" },
	{ "says which socket of which process got it",
	  { .verdict = "REDIRECT",
	    .queue = -1,
	    .cpu = -1,
	    .at = "exit",
	    .redirect = "xskmap:3:1",
	    .socket = 4711,
	    .process = "a b#c",
	    .process_id = 12 },
	  "xdp at=exit action=REDIRECT redirect=xskmap:3:1 socket=4711 process=a%20b%23c#12" },
	{ "says how a program got it",
	  { .queue = -1, .cpu = -1, .at = "entry", .duration = -1, .changed = "", .redirect = "" },
	  "xdp at=entry" },
	{ "takes the largest numbers",
	  { .verdict = "DROP",
	    .program = "fw",
	    .program_id = G_MAXUINT32,
	    .queue = G_MAXUINT32,
	    .cpu = G_MAXINT64 },
	  "xdp action=DROP prog=fw#4294967295 queue=4294967295 cpu=9223372036854775807" },
};

static void test_format(gconstpointer data)
{
	const Case *item = data;
	g_autofree char *text = comment_format(&source_hook, &item->comment);

	g_assert_cmpstr(text, ==, item->expected);
}

static void test_sent(void)
{
	const Comment sent = { .verdict = "OK",
			       .queue = 3,
			       .cpu = -1,
			       .socket = 7,
			       .process = "app",
			       .process_id = 9 };
	const Comment common = { .device = "eth0", .queue = -1, .cpu = -1 };
	g_autofree char *text = comment_format(&source_xsk, &sent);
	g_autofree char *description = comment_format(&source_xsk, &common);

	g_assert_cmpstr(text, ==, "xdp at=xsk sent=OK queue=3 socket=7 process=app#9");
	g_assert_cmpstr(description, ==, "xdp at=xsk if=eth0");
}

static void test_tc(void)
{
	const Comment comment = { .verdict = "SHOT",
				  .at = "exit",
				  .way = "ingress",
				  .address = "eth0/fw",
				  .program = "fw",
				  .program_id = 9,
				  .queue = -1,
				  .cpu = 1 };
	g_autofree char *text = comment_format(&source_tc, &comment);

	g_assert_cmpstr(text, ==, "skb at=exit action=SHOT dir=ingress prog=fw#9 cpu=1");
}

/* Any path decodes to itself: the words are split at spaces, then unescaped. */
static void test_every_byte_survives(void)
{
	char path[256];

	for (int i = 1; i < 256; i++)
		path[i - 1] = (char)i;
	path[255] = '\0';

	const Comment comment = { .verdict = "DROP",
				  .address = path,
				  .program = path,
				  .program_id = 1,
				  .queue = -1,
				  .cpu = -1 };
	g_autofree char *text = comment_format(&source_hook, &comment);
	g_assert_true(g_utf8_validate(text, -1, NULL));

	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_assert_cmpuint(g_strv_length(words), ==, 4);

	g_assert_true(g_str_has_prefix(words[2], "hook="));
	g_autofree char *hook = g_uri_unescape_string(words[2] + strlen("hook="), NULL);
	g_assert_cmpstr(hook, ==, path);

	char *id = strrchr(words[3], '#');
	g_assert_cmpstr(id, ==, "#1");
	*id = '\0';
	g_assert_null(strchr(words[3], '#'));
	g_autofree char *program = g_uri_unescape_string(words[3] + strlen("prog="), NULL);
	g_assert_cmpstr(program, ==, path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup_printf("/comment/%s", cases[i].name);
		g_test_add_data_func(name, &cases[i], test_format);
	}
	g_test_add_func("/comment/what a socket has sent", test_sent);
	g_test_add_func("/comment/what a socket has tc", test_tc);
	g_test_add_func("/comment/every byte survives", test_every_byte_survives);
	return g_test_run();
}
