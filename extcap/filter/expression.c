// SPDX-License-Identifier: GPL-2.0-or-later
#include "expression.h"

#include <string.h>

/* libpcap takes some milliseconds for pieces of about this length, in bytes. */
#define PIECE_LENGTH 2000

/* The result for accepted packets, as in libpcap's programs: its maximum snapshot length. */
#define ACCEPT 262144

/* A self-contained primitive. Others inherit qualifiers from the one before (`port 53 or 80`), or
 * shift the offsets of those after them (`vlan`). The pattern may also match what libpcap
 * rejects. */
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
/* A primitive with what joins it to the next one. */
#define LINK "\\s* (" TERM ") (?: \\s+ (?: or | \\|\\| ) \\s+ (?=\\S) | \\s* \\z )"
/* What may surround a list: "TERM and not (LIST)". */
#define FRAME                                                                                      \
	"\\s* (?: (" TERM                                                                          \
	") \\s+ (?: and\\b | && ) \\s* )? ( not\\b | ! )? \\s* \\( (.*) \\) \\s* "                 \
	"\\z"

/* An expression to compile in pieces. */
typedef struct {
	char *guard; /* must also match; or NULL */
	gboolean negated;
	GPtrArray *pieces; /* char *: one must match, or none if negated */
} List;

static void list_free(List *list)
{
	if (!list)
		return;
	g_free(list->guard);
	g_ptr_array_unref(list->pieces);
	g_free(list);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(List, list_free)

static GRegex *make_regex(const char *pattern)
{
	return g_regex_new(pattern, G_REGEX_RAW | G_REGEX_EXTENDED | G_REGEX_DOTALL,
			   G_REGEX_MATCH_ANCHORED, NULL);
}

/* Adds the pieces of "TERM or TERM or ..."; FALSE if text is something else. */
static gboolean split_terms(const char *text, GPtrArray *pieces)
{
	g_autoptr(GRegex) link = make_regex(LINK);
	int length = (int)strlen(text), start = -1, from, to, next = 0;

	while (next < length) {
		g_autoptr(GMatchInfo) match = NULL;

		if (!g_regex_match_full(link, text, length, next, 0, &match, NULL))
			return FALSE;
		g_match_info_fetch_pos(match, 1, &from, &to);
		g_match_info_fetch_pos(match, 0, NULL, &next);
		start = start < 0 ? from : start;
		if (to - start < PIECE_LENGTH && next < length)
			continue;
		g_ptr_array_add(pieces, g_strndup(text + start, to - start));
		start = -1;
	}
	return pieces->len > 0;
}

/* Splits text if it is long, and a plain list; else NULL. */
static List *split(const char *text)
{
	g_autoptr(List) list = g_new0(List, 1);
	g_autoptr(GRegex) frame = make_regex(FRAME);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *inner = NULL, *negation = NULL;

	list->pieces = g_ptr_array_new_with_free_func(g_free);
	/* These are white space for \s, but not for libpcap. */
	if (strlen(text) <= PIECE_LENGTH || strpbrk(text, "\v\f"))
		return NULL;
	if (g_regex_match(frame, text, 0, &match)) {
		list->guard = g_match_info_fetch(match, 1);
		negation = g_match_info_fetch(match, 2);
		list->negated = *negation != '\0';
		inner = g_match_info_fetch(match, 3);
	}
	if (list->guard && *list->guard == '\0')
		g_clear_pointer(&list->guard, g_free);
	return split_terms(inner ? inner : text, list->pieces) ? g_steal_pointer(&list) : NULL;
}

/* A program under construction. Two returns follow it: the first is taken if nothing in the list
 * matches. */
typedef struct {
	GArray *code;	 /* struct sock_filter */
	GArray *jumps;	 /* guint, indexes of jumps to the first return */
	GArray *matched; /* the same, to the second */
	ExpressionCompile *compile;
	gpointer data;
} Maker;

/* Appends a piece. A match jumps as those in matches do, a miss as those in misses; NULL
 * continues. */
static gboolean append_piece(const Maker *maker, const char *text, GArray *matches, GArray *misses)
{
	guint first = maker->code->len;

	if (!maker->compile(text, maker->code, maker->data))
		return FALSE;
	for (guint i = first; i < maker->code->len; i++) {
		struct sock_filter *insn = &g_array_index(maker->code, struct sock_filter, i);
		GArray *jumps = insn->k ? matches : misses;

		if (insn->code != (BPF_RET | BPF_K))
			continue;
		insn->code = BPF_JMP | BPF_JA;
		insn->k = maker->code->len - i - 1;
		if (jumps)
			g_array_append_val(jumps, i);
	}
	return TRUE;
}

static void set_jumps(const Maker *maker, const GArray *jumps, guint target)
{
	for (guint i = 0; i < jumps->len; i++) {
		guint at = g_array_index(jumps, guint, i);

		g_array_index(maker->code, struct sock_filter, at).k = target - at - 1;
	}
}

static gboolean append_list(const Maker *maker, const List *list)
{
	const struct sock_filter ends[] = {
		{ BPF_RET | BPF_K, 0, 0, list->negated ? ACCEPT : 0 },
		{ BPF_RET | BPF_K, 0, 0, list->negated ? 0 : ACCEPT },
	};
	guint first;

	if (list->guard &&
	    !append_piece(maker, list->guard, NULL, list->negated ? maker->matched : maker->jumps))
		return FALSE;
	for (guint i = 0; i < list->pieces->len; i++)
		if (!append_piece(maker, g_ptr_array_index(list->pieces, i), maker->matched, NULL))
			return FALSE;
	first = maker->code->len;
	g_array_append_vals(maker->code, ends, G_N_ELEMENTS(ends));
	set_jumps(maker, maker->jumps, first);
	set_jumps(maker, maker->matched, first + 1);
	return TRUE;
}

/* NULL if a piece fails. */
static GArray *join(const List *list, ExpressionCompile *compile, gpointer data)
{
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	g_autoptr(GArray) jumps = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) matched = g_array_new(FALSE, FALSE, sizeof(guint));
	const Maker maker = { code, jumps, matched, compile, data };

	return append_list(&maker, list) ? g_steal_pointer(&code) : NULL;
}

GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data)
{
	g_autoptr(List) list = split(text);
	g_autoptr(GArray) code = list ? join(list, compile, data) : NULL;

	if (code)
		return g_steal_pointer(&code);
	/* Report errors for the whole text. */
	code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	return compile(text, code, data) ? g_steal_pointer(&code) : NULL;
}
