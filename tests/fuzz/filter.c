// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any text as a classic program of `tcpdump -ddd`, and as a filter expression
 * that is taken apart.
 */
#include <glib.h>
#include <string.h>

#include "expression.h"
#include "filter.h"
#include "fuzz.h"

/* A program comes back as it was printed. */
static void parse_program(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Filter) filter = filter_parse(text, "fuzz", &error), back = NULL;
	g_autoptr(GString) printed = NULL;
	g_autofree char *listing = NULL;

	FUZZ_CHECK((filter == NULL) == (error != NULL));
	if (!filter)
		return;
	printed = g_string_new(NULL);
	g_string_append_printf(printed, "%" G_GSIZE_FORMAT, filter->length);
	for (gsize i = 0; i < filter->length; i++)
		g_string_append_printf(printed, ",%u %u %u %u", filter->code[i].code,
				       filter->code[i].jt, filter->code[i].jf, filter->code[i].k);
	back = filter_parse(printed->str, "printed", NULL);
	FUZZ_CHECK(back && back->length == filter->length);
	FUZZ_CHECK(filter->length == 0 ||
		   memcmp(back->code, filter->code, filter->length * sizeof(*back->code)) == 0);
	listing = filter_format(filter);
}

/* ExpressionCompile: a program as libpcap makes it, as far as putting together goes. */
static gboolean compile_piece(const char *text, GArray *code, gpointer data)
{
	const struct sock_filter insns[] = {
		{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 12 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 2048 },
		{ BPF_RET | BPF_K, 0, 0, 262144 },
		{ BPF_RET | BPF_K, 0, 0, 0 },
	};
	guint *bytes = data;

	*bytes += strlen(text);
	g_array_append_vals(code, insns, G_N_ELEMENTS(insns));
	return strchr(text, '?') == NULL;
}

static void check_jumps(const GArray *code)
{
	for (guint i = 0; i < code->len; i++) {
		const struct sock_filter *insn = &g_array_index(code, struct sock_filter, i);
		guint64 jump = insn->code == (BPF_JMP | BPF_JA) ? insn->k : insn->jf;

		FUZZ_CHECK(i + 1 + jump < code->len || BPF_CLASS(insn->code) == BPF_RET);
	}
}

/* Expressions that are short are not taken apart: the same terms over and over are. */
static void take_apart(const char *text, const char *operation)
{
	g_autoptr(GString) expression = g_string_new(NULL);
	guint bytes = 0;
	g_autoptr(GArray) code = NULL;

	while (expression->len < 2500)
		g_string_append_printf(expression, "%s%s", text, operation);
	g_string_append(expression, text);
	code = expression_compile(expression->str, compile_piece, &bytes);
	/* Once in pieces and once as a whole, if a piece fails. */
	FUZZ_CHECK(bytes <= 2 * expression->len);
	if (code)
		check_jumps(code);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	guint bytes = 0;
	GArray *code;

	parse_program(text);
	code = expression_compile(text, compile_piece, &bytes);
	g_clear_pointer(&code, g_array_unref);
	take_apart(text, " or ");
	take_apart(text, ") and not (");
	return 0;
}
