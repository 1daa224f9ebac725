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
	  { "DROP", "/sys/fs/bpf/fw", "fw", 812, "eth0", 3, 1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1" },
	{ "says in which network namespace the device is",
	  { "DROP", NULL, NULL, 0, "eth0", -1, -1, "pod 1", NULL, 0, NULL, NULL, NULL },
	  "xdp action=DROP if=eth0 netns=pod%201" },
	{ "says zero for queue and cpu 0",
	  { "PASS", "/sys/fs/bpf/fw", NULL, 0, NULL, 0, 0, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=PASS hook=/sys/fs/bpf/fw queue=0 cpu=0" },
	{ "leaves out what is unknown",
	  { "TX", NULL, NULL, 812, "", -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=TX" },
	{ "writes a program without its id",
	  { "TX", NULL, "fw", 0, NULL, -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=TX prog=fw" },
	{ "writes an id without a name",
	  { "TX", NULL, "", 7, NULL, -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=TX prog=#7" },
	{ "leaves out a program without name and id",
	  { "TX", NULL, "", 0, NULL, -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=TX" },
	{ "encodes space, percent and control characters",
	  { "DROP", "/sys/fs/bpf/a b%20\n\x7f\t", NULL, 0, "e 0", -1, -1, NULL, NULL, 0, NULL, NULL,
	    NULL },
	  "xdp action=DROP hook=/sys/fs/bpf/a%20b%2520%0A%7F%09 if=e%200" },
	{ "encodes # in a program name only",
	  { "DROP", "/bpf/x#1", "a#b", 9, "e#0", -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=DROP hook=/bpf/x#1 prog=a%23b#9 if=e#0" },
	{ "leaves = and UTF-8 readable",
	  { "DROP", "/bpf/k=v", "f\xc3\xbcr", 9, NULL, -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=DROP hook=/bpf/k=v prog=f\xc3\xbcr#9" },
	{ "encodes bytes that are not UTF-8",
	  { "DROP", "/bpf/\xff\xc3", NULL, 0, NULL, -1, -1, NULL, NULL, 0, NULL, NULL, NULL },
	  "xdp action=DROP hook=/bpf/%FF%C3" },
	{ "encodes spaces and direction marks of Unicode",
	  { "DROP", "/bpf/\xc2\xa0\xe2\x80\xa8\xe2\x80\xae", NULL, 0, NULL, -1, -1, NULL, NULL, 0,
	    NULL, NULL, NULL },
	  "xdp action=DROP hook=/bpf/%C2%A0%E2%80%A8%E2%80%AE" },
	{ "says what a program did",
	  { "REDIRECT", NULL, NULL, 0, NULL, -1, -1, NULL, "exit", 412, "bytes,head", "devmap:3:1",
	    "linear" },
	  "xdp at=exit action=REDIRECT ns=412 changed=bytes,head redirect=devmap:3:1 part=linear" },
	{ "says how a program got it",
	  { NULL, NULL, NULL, 0, NULL, -1, -1, NULL, "entry", -1, "", "", NULL },
	  "xdp at=entry" },
	{ "takes the largest numbers",
	  { "DROP", NULL, "fw", G_MAXUINT32, NULL, G_MAXUINT32, G_MAXINT64, NULL, NULL, 0, NULL,
	    NULL, NULL },
	  "xdp action=DROP prog=fw#4294967295 queue=4294967295 cpu=9223372036854775807" },
};

static void test_format(gconstpointer data)
{
	const Case *item = data;
	g_autofree char *text = comment_format(&source_hook, &item->comment);

	g_assert_cmpstr(text, ==, item->expected);
}

/* Any path decodes to itself: the words are split at spaces, then unescaped. */
static void test_every_byte_survives(void)
{
	char path[256];

	for (int i = 1; i < 256; i++)
		path[i - 1] = (char)i;
	path[255] = '\0';

	const Comment comment = { "DROP", path, path, 1,    NULL, -1,  -1,
				  NULL,	  NULL, 0,    NULL, NULL, NULL };
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
	g_test_add_func("/comment/every byte survives", test_every_byte_survives);
	return g_test_run();
}
