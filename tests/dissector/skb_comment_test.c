/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin reads from comments about packets of the kernel, and what it leaves alone. */
#include "skb_comment.h"

#include <glib.h>
#include <string.h>

/* Parses a copy that ends exactly at its last octet, so that ASan sees reads beyond it. */
static SkbComment *text_parse(const char *text)
{
	g_autofree char *copy = g_memdup2(text, strlen(text));

	return skb_comment_new(copy ? copy : "", strlen(text));
}

static void test_whole(void)
{
	g_autoptr(SkbComment) comment = text_parse(
		"skb at=drops reason=NETFILTER_DROP if=eth0 netns=blue queue=3 cpu=1 part=linear "
		"function=nft_do_chain+0x3e8 process=a%20b pid=7 stack=a+0x1,b+0x2 mark=0x1f15 "
		"hash=0xffffffff gso_size=1448 gso_segs=3 made=link "
		"journey=18446744073709551615 later=more");

	g_assert_nonnull(comment);
	g_assert_cmpstr(comment->point, ==, "drops");
	g_assert_cmpstr(comment->reason, ==, "NETFILTER_DROP");
	g_assert_cmpstr(comment->location, ==, "nft_do_chain+0x3e8");
	g_assert_cmpstr(comment->interface, ==, "eth0");
	g_assert_cmpstr(comment->namespace, ==, "blue");
	g_assert_cmpstr(comment->process, ==, "a b");
	g_assert_cmpstr(comment->stack, ==, "a+0x1,b+0x2");
	g_assert_cmpstr(comment->made, ==, "link");
	g_assert_cmpstr(comment->part, ==, "linear");
	g_assert_null(comment->context);
	g_assert_cmpuint(comment->pid.value, ==, 7);
	g_assert_cmpuint(comment->queue.value, ==, 3);
	g_assert_cmpuint(comment->cpu.value, ==, 1);
	g_assert_cmpuint(comment->mark.value, ==, 0x1f15);
	g_assert_cmpuint(comment->hash.value, ==, G_MAXUINT32);
	g_assert_cmpuint(comment->gso_size.value, ==, 1448);
	g_assert_cmpuint(comment->gso_segments.value, ==, 3);
	g_assert_true(comment->journey.known);
	g_assert_cmpuint(comment->journey.value, ==, G_MAXUINT64);
}

static void test_point_alone(void)
{
	g_autoptr(SkbComment) comment = text_parse("skb at=ip_rcv");

	g_assert_nonnull(comment);
	g_assert_cmpstr(comment->point, ==, "ip_rcv");
	g_assert_null(comment->reason);
	g_assert_false(comment->pid.known);
}

/* Each alone makes a comment that is not ours. */
static void test_malformed(void)
{
	static const char *const texts[] = {
		"",
		"skb",
		"skb ",
		"skb reason=NO_SOCKET",
		"xdp at=drops",
		"skbs at=drops",
		"skb at=",
		"skb at=drops ",
		"skb  at=drops",
		"skb at=drops at=drops",
		"skb at=drops mark=15",
		"skb at=drops mark=0x",
		"skb at=drops mark=0x1ffffffff",
		"skb at=drops mark=0x-1",
		"skb at=drops pid=0x15",
		"skb at=drops pid=-1",
		"skb at=drops pid=4294967296",
		"skb at=drops process=%0",
		"skb at=drops process=%00",
		"skb at=drops process",
		"skb at=drops context=a\tb",
		"skb at=exit ns=1x",
		"skb at=exit prog=fw#x",
		"skb at=exit prog=",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(SkbComment) comment = text_parse(texts[i]);

		g_test_message("%s", texts[i]);
		g_assert_null(comment);
	}
}

/* Octets that are no UTF-8 become others. */
static void test_octets(void)
{
	g_autoptr(SkbComment) comment = text_parse("skb at=drops process=%ff%FE");

	g_assert_nonnull(comment);
	g_assert_true(g_utf8_validate(comment->process, -1, NULL));
}

/* What its interface has in common with others belongs to a short one. */
static void test_joined(void)
{
	g_autoptr(SkbComment) comment = text_parse("skb at=exit action=OK if=eth1 ns=7");
	g_autoptr(SkbComment) common =
		text_parse("skb at=exit dir=egress prog=a%23b#812 if=eth0 netns=blue");
	g_autoptr(SkbComment) other = text_parse("skb at=entry dir=ingress");

	g_assert_nonnull(comment);
	skb_comment_join(comment, NULL);
	skb_comment_join(comment, other);
	g_assert_null(comment->direction);
	skb_comment_join(comment, common);
	g_assert_cmpstr(comment->action, ==, "OK");
	g_assert_cmpstr(comment->direction, ==, "egress");
	g_assert_cmpstr(comment->program, ==, "a#b");
	g_assert_cmpuint(comment->program_id.value, ==, 812);
	g_assert_cmpstr(comment->interface, ==, "eth1");
	g_assert_cmpstr(comment->namespace, ==, "blue");
	g_assert_cmpuint(comment->latency.value, ==, 7);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/skb-comment/whole", test_whole);
	g_test_add_func("/skb-comment/point-alone", test_point_alone);
	g_test_add_func("/skb-comment/malformed-is-left-alone", test_malformed);
	g_test_add_func("/skb-comment/octets", test_octets);
	g_test_add_func("/skb-comment/joined", test_joined);
	return g_test_run();
}
