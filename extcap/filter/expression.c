// SPDX-License-Identifier: GPL-2.0-or-later
#include "expression.h"

#include <string.h>

/* Pieces of about this length, in bytes, take libpcap some milliseconds. */
#define PIECE_LENGTH 2000

/* Accepted packets have this value, as in programs of libpcap: its largest snapshot length. */
#define ACCEPT 262144

/* A primitive that says all by itself. Others take qualifiers over from the one before (`port 53 or
 * 80`), or move the offsets of those behind (`vlan`). What libpcap refuses may match as well. */
#define NETWORK	  "(?: ip6? | arp | rarp )"
#define TRANSPORT "(?: tcp | udp | sctp )"
#define DIRECTION                                                                                  \
	"(?: src \\s+ (?: or | and ) \\s+ dst | dst \\s+ (?: or | and ) \\s+ src | src | dst )"
#define TYPE "(?: host | net | portrange | port )"
#define NAME "[[:alnum:]:] [[:alnum:]._:/-]*"
#define TERM                                                                                       \
	"(?: (?: (?: " NETWORK " | " TRANSPORT " | ether ) \\s+ )?"                                \
	"    (?: (?: " DIRECTION " \\s+ )? " TYPE " | " DIRECTION " ) \\s+ " NAME " |"             \
	"    " NETWORK " | " TRANSPORT " | icmp6? | igmp )"
/* With what joins it to the next one. */
#define LINK "\\s* (" TERM ") (?: \\s+ (?: or | \\|\\| ) \\s+ (?=\\S) | \\s* \\z )"

/* The pieces of a text that is long, and a plain list "TERM or TERM or ..."; else NULL. */
static GPtrArray *split(const char *text)
{
	g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GRegex) link =
		g_regex_new(LINK, G_REGEX_RAW | G_REGEX_EXTENDED, G_REGEX_MATCH_ANCHORED, NULL);
	gsize length = strlen(text);
	int start = -1, from, to, next = 0;

	/* These are white space for \s, and none for libpcap. */
	if (length <= PIECE_LENGTH || strpbrk(text, "\v\f"))
		return NULL;
	while ((gsize)next < length) {
		g_autoptr(GMatchInfo) match = NULL;

		if (!g_regex_match_full(link, text, (gssize)length, next, 0, &match, NULL))
			return NULL;
		g_match_info_fetch_pos(match, 1, &from, &to);
		g_match_info_fetch_pos(match, 0, NULL, &next);
		start = start < 0 ? from : start;
		if (to - start < PIECE_LENGTH && (gsize)next < length)
			continue;
		g_ptr_array_add(pieces, g_strndup(text + start, to - start));
		start = -1;
	}
	return g_steal_pointer(&pieces);
}

/* Appends a piece: without a match it goes on behind its end, with one to the program's. */
static gboolean append_piece(GArray *code, GArray *accepting, const char *text,
			     ExpressionCompile *compile, gpointer data)
{
	guint first = code->len;

	if (!compile(text, code, data))
		return FALSE;
	for (guint i = first; i < code->len; i++) {
		struct sock_filter *insn = &g_array_index(code, struct sock_filter, i);

		if (insn->code != (BPF_RET | BPF_K))
			continue;
		insn->code = BPF_JMP | BPF_JA;
		if (insn->k)
			g_array_append_val(accepting, i);
		else
			insn->k = code->len - i - 1;
	}
	return TRUE;
}

/* NULL if a piece fails. */
static GArray *join(const GPtrArray *pieces, ExpressionCompile *compile, gpointer data)
{
	const struct sock_filter ends[] = { { BPF_RET | BPF_K, 0, 0, 0 },
					    { BPF_RET | BPF_K, 0, 0, ACCEPT } };
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	g_autoptr(GArray) accepting = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < pieces->len; i++)
		if (!append_piece(code, accepting, g_ptr_array_index(pieces, i), compile, data))
			return NULL;
	g_array_append_vals(code, ends, G_N_ELEMENTS(ends));
	for (guint i = 0; i < accepting->len; i++) {
		guint at = g_array_index(accepting, guint, i);

		g_array_index(code, struct sock_filter, at).k = code->len - 1 - at - 1;
	}
	return g_steal_pointer(&code);
}

GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data)
{
	g_autoptr(GPtrArray) pieces = split(text);
	g_autoptr(GArray) code = pieces ? join(pieces, compile, data) : NULL;

	if (code)
		return g_steal_pointer(&code);
	/* What is wrong is wrong with the whole text. */
	code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	return compile(text, code, data) ? g_steal_pointer(&code) : NULL;
}
