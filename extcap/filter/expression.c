// SPDX-License-Identifier: GPL-2.0-or-later
#include "expression.h"

#include <string.h>

/* Pieces of about this length, in bytes, take libpcap some milliseconds. */
#define PIECE_LENGTH 2000

/* Deeper parentheses stay within a piece. */
#define DEPTH_MAX 32

/* Accepted packets have this value, as in programs of libpcap: its largest snapshot length. */
#define ACCEPT 262144

/* `vlan` and the like move the offsets of all that follows them, however it is joined. */
static const char *const moving_words[] = { "vlan",   "mpls", "pppoed", "pppoes",
					    "geneve", "llc",  NULL };

/* With these a primitive begins that takes nothing over from the one before: in `host A or B`, B
 * does. */
static const char *const first_words[] = {
	"arp",	    "broadcast", "dst",	 "esp",	 "ether", "gateway",   "greater",   "host",
	"icmp",	    "icmp6",	 "igmp", "ip",	 "ip6",	  "less",      "multicast", "net",
	"outbound", "inbound",	 "pim",	 "port", "proto", "portrange", "rarp",	    "sctp",
	"src",	    "tcp",	 "udp",	 "vrrp", NULL,
};

typedef enum {
	OPERATOR_NONE,
	OPERATOR_AND,
	OPERATOR_OR,
} Operator;

/* A stretch of the text: a word, a parenthesis or an operator. */
typedef struct {
	const char *start;
	gsize length;
	guint depth; /* parentheses and brackets around it */
	Operator operation;
} Token;

/* Part of an expression: a piece for libpcap, or several terms in a row, joined from left to right
 * (`and` and `or` bind equally in libpcap's language). */
typedef struct Term Term;
struct Term {
	const char *start; /* of its text */
	const char *end;
	Operator operation; /* before it; none before the first */
	gboolean negated;
	GPtrArray *terms; /* Term *, or NULL for a piece */
};

static void term_free(gpointer data)
{
	Term *term = data;

	if (!term)
		return;
	if (term->terms)
		g_ptr_array_unref(term->terms);
	g_free(term);
}

static gboolean is_word(char c)
{
	return c != '\0' && !g_ascii_isspace(c) && !strchr("()[]!&|<>=+-*/%^", c);
}

static gsize token_length(const char *at)
{
	gsize length = 0;

	if (strncmp(at, "&&", 2) == 0 || strncmp(at, "||", 2) == 0 || strncmp(at, "!=", 2) == 0)
		return 2;
	while (is_word(at[length]))
		length++;
	return MAX(length, 1);
}

static gboolean token_is(const Token *token, const char *text)
{
	return strlen(text) == token->length && strncmp(token->start, text, token->length) == 0;
}

static gboolean token_is_any(const Token *token, const char *const *texts)
{
	for (; *texts; texts++)
		if (token_is(token, *texts))
			return TRUE;
	return FALSE;
}

/* The tokens of the text, or NULL if the parentheses do not match: an error that libpcap shall
 * tell. */
static GArray *tokenize(const char *text)
{
	g_autoptr(GArray) tokens = g_array_new(FALSE, TRUE, sizeof(Token));
	guint depth = 0;

	while (*(text += strspn(text, " \t\r\n"))) {
		Token token = { .start = text, .length = token_length(text) };

		if (*text == ')' || *text == ']') {
			if (depth == 0)
				return NULL;
			depth--;
		}
		token.depth = depth;
		if (*text == '(' || *text == '[')
			depth++;
		if (token_is(&token, "and") || token_is(&token, "&&"))
			token.operation = OPERATOR_AND;
		if (token_is(&token, "or") || token_is(&token, "||"))
			token.operation = OPERATOR_OR;
		g_array_append_val(tokens, token);
		text += token.length;
	}
	return depth == 0 && tokens->len > 0 ? g_steal_pointer(&tokens) : NULL;
}

/* A run of tokens, all of one term. */
typedef struct {
	const Token *first;
	const Token *last;
} Run;

static gboolean is_not(const Token *token)
{
	return token_is(token, "not") || token_is(token, "!");
}

/* Does the run begin a primitive of its own? */
static gboolean is_independent(Run run)
{
	while (run.first < run.last && (is_not(run.first) || token_is(run.first, "(")))
		run.first++;
	return token_is_any(run.first, first_words);
}

/* Is the run one parenthesis around everything? */
static gboolean is_enclosed(Run run)
{
	if (run.first == run.last || !token_is(run.first, "(") || !token_is(run.last, ")") ||
	    run.first->depth != run.last->depth)
		return FALSE;
	for (const Token *at = run.first + 1; at < run.last; at++)
		if (at->depth == run.first->depth)
			return FALSE;
	return TRUE;
}

static GPtrArray *parse_terms(Run run, guint depth);

static Term *parse_term(Run run, Operator operation, guint depth)
{
	Term *term = g_new0(Term, 1);

	term->operation = operation;
	term->start = run.first->start;
	term->end = run.last->start + run.last->length;
	if (term->end - term->start <= PIECE_LENGTH || depth >= DEPTH_MAX)
		return term;
	for (; run.first < run.last && is_not(run.first); run.first++)
		term->negated = !term->negated;
	if (is_enclosed(run)) {
		run.first++;
		run.last--;
		if (run.first <= run.last && is_independent(run))
			term->terms = parse_terms(run, depth + 1);
	}
	/* A piece's text has the negation in it. */
	if (!term->terms)
		term->negated = FALSE;
	return term;
}

/* Makes one piece of the terms from index on, and what takes something over from them. */
static void join_from(GPtrArray *terms, guint index, const char *end)
{
	Term *term = g_ptr_array_index(terms, index);

	term->end = end;
	term->negated = FALSE;
	g_clear_pointer(&term->terms, g_ptr_array_unref);
	g_ptr_array_set_size(terms, (gint)index + 1);
}

/* Adds a term to the row: to the last piece, where that is one with the same operator and still
 * short, or where the term takes something over from it. */
static void add_term(GPtrArray *terms, Run run, Operator operation, guint depth)
{
	const char *end = run.last->start + run.last->length;
	Term *last = terms->len > 0 ? g_ptr_array_index(terms, terms->len - 1) : NULL;
	gboolean same = last && (terms->len == 1 || last->operation == operation);

	if (last && !is_independent(run))
		/* (X or host A) and B: before another operator, all that is to the left belongs to
		 * it. */
		join_from(terms, same ? terms->len - 1 : 0, end);
	else if (same && !last->terms && end - last->start <= PIECE_LENGTH)
		last->end = end;
	else
		g_ptr_array_add(terms, parse_term(run, operation, depth));
}

/* The terms of a run, NULL if it is no expression. */
static GPtrArray *parse_terms(Run run, guint depth)
{
	g_autoptr(GPtrArray) terms = g_ptr_array_new_with_free_func(term_free);
	guint level = run.first->depth;
	Run term = { .first = run.first };
	Operator operation = OPERATOR_NONE;

	for (const Token *at = run.first; at <= run.last; at++) {
		if (at->depth == level && at->operation != OPERATOR_NONE) {
			if (at == term.first || at == run.last)
				return NULL;
			operation = at->operation;
			term.first = at + 1;
			continue;
		}
		term.last = at;
		if (at == run.last || (at[1].depth == level && at[1].operation != OPERATOR_NONE))
			add_term(terms, term, operation, depth);
	}
	return g_steal_pointer(&terms);
}

/* Where the code goes on: labels get their place when all before them is emitted. */
typedef struct {
	GArray *code; /* struct sock_filter; jumps to a label hold its number in k until the end */
	GArray *places; /* guint of each label */
	GArray *jumps;	/* guint, indexes into code */
	ExpressionCompile *compile;
	gpointer data;
} Emitter;

static guint new_label(Emitter *emitter)
{
	guint place = 0;

	g_array_append_val(emitter->places, place);
	return emitter->places->len - 1;
}

static void place_label(Emitter *emitter, guint label)
{
	g_array_index(emitter->places, guint, label) = emitter->code->len;
}

static gboolean emit_piece(Emitter *emitter, const Term *term, guint on_match, guint on_mismatch)
{
	g_autofree char *text = g_strndup(term->start, term->end - term->start);
	guint first = emitter->code->len;

	if (!emitter->compile(text, emitter->code, emitter->data))
		return FALSE;
	for (guint i = first; i < emitter->code->len; i++) {
		struct sock_filter *insn = &g_array_index(emitter->code, struct sock_filter, i);

		if (insn->code != (BPF_RET | BPF_K))
			continue;
		insn->k = insn->k ? on_match : on_mismatch;
		insn->code = BPF_JMP | BPF_JA;
		g_array_append_val(emitter->jumps, i);
	}
	return TRUE;
}

static gboolean emit_term(Emitter *emitter, const Term *term, guint on_match, guint on_mismatch);

/* The label of the next term that decides, when those up to index gave that result: with a match
 * `or` is passed over, without one `and`. */
static guint next_label(const GPtrArray *terms, const guint *labels, guint index, Operator deciding,
			guint end)
{
	for (guint i = index + 1; i < terms->len; i++)
		if (((const Term *)g_ptr_array_index(terms, i))->operation == deciding)
			return labels[i];
	return end;
}

static gboolean emit_terms(Emitter *emitter, const GPtrArray *terms, guint on_match,
			   guint on_mismatch)
{
	g_autofree guint *labels = g_new(guint, terms->len);

	for (guint i = 0; i < terms->len; i++)
		labels[i] = new_label(emitter);
	for (guint i = 0; i < terms->len; i++) {
		place_label(emitter, labels[i]);
		if (!emit_term(emitter, g_ptr_array_index(terms, i),
			       next_label(terms, labels, i, OPERATOR_AND, on_match),
			       next_label(terms, labels, i, OPERATOR_OR, on_mismatch)))
			return FALSE;
	}
	return TRUE;
}

static gboolean emit_term(Emitter *emitter, const Term *term, guint on_match, guint on_mismatch)
{
	if (!term->terms)
		return emit_piece(emitter, term, on_match, on_mismatch);
	return term->negated ? emit_terms(emitter, term->terms, on_mismatch, on_match)
			     : emit_terms(emitter, term->terms, on_match, on_mismatch);
}

static void emit_return(Emitter *emitter, guint label, guint value)
{
	const struct sock_filter insn = { .code = BPF_RET | BPF_K, .k = value };

	place_label(emitter, label);
	g_array_append_val(emitter->code, insn);
}

static gboolean emit_program(Emitter *emitter, const GPtrArray *terms)
{
	guint accept = new_label(emitter), reject = new_label(emitter);

	if (!emit_terms(emitter, terms, accept, reject))
		return FALSE;
	emit_return(emitter, accept, ACCEPT);
	emit_return(emitter, reject, 0);
	for (guint i = 0; i < emitter->jumps->len; i++) {
		guint at = g_array_index(emitter->jumps, guint, i);
		struct sock_filter *insn = &g_array_index(emitter->code, struct sock_filter, at);

		insn->k = g_array_index(emitter->places, guint, insn->k) - at - 1;
	}
	return TRUE;
}

/* The terms of text if it is worth being taken apart, and may be; else NULL. */
static GPtrArray *take_apart(const char *text)
{
	g_autoptr(GArray) tokens = strlen(text) > PIECE_LENGTH ? tokenize(text) : NULL;

	if (!tokens)
		return NULL;
	for (guint i = 0; i < tokens->len; i++)
		if (token_is_any(&g_array_index(tokens, Token, i), moving_words))
			return NULL;
	return parse_terms((Run){ &g_array_index(tokens, Token, 0),
				  &g_array_index(tokens, Token, tokens->len - 1) },
			   0);
}

GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data)
{
	g_autoptr(GPtrArray) terms = take_apart(text);
	Emitter emitter = {
		.code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter)),
		.places = g_array_new(FALSE, FALSE, sizeof(guint)),
		.jumps = g_array_new(FALSE, FALSE, sizeof(guint)),
		.compile = compile,
		.data = data,
	};
	gboolean done = terms ? emit_program(&emitter, terms) : compile(text, emitter.code, data);

	g_array_unref(emitter.places);
	g_array_unref(emitter.jumps);
	if (!done)
		g_clear_pointer(&emitter.code, g_array_unref);
	return emitter.code;
}
