/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* What the compiler refuses, and its error messages. */
#include <errno.h>

#include "machine.h"
#include "unit.h"

#define RETURN                                                                                     \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, 1                                                           \
	}

typedef struct {
	struct sock_filter code[3];
	gsize length;
	int result;
	gsize index;
	const gchar *text;
} Refusal;

static const Refusal refusals[] = {
	{ { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 } },
	  1,
	  -EINVAL,
	  0,
	  "instruction 0 (0x20, ld [k]): the last instruction is not a return" },
	{ { RETURN, { BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0 }, RETURN },
	  3,
	  -EINVAL,
	  1,
	  "instruction 1 (0x34, div #k): division by constant zero" },
	{ { { BPF_ALU | BPF_MOD | BPF_K, 0, 0, 0 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x94, mod #k): division by constant zero" },
	{ { { BPF_LD | BPF_MEM, 0, 0, 16 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x60, ld M[k]): scratch word M[16] does not exist" },
	{ { { BPF_STX, 0, 0, 99 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x03, stx M[k]): scratch word M[99] does not exist" },
	{ { { BPF_JMP | BPF_JA, 0, 0, 1 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x05, ja k): jump beyond the end of the program" },
	{ { { BPF_JMP | BPF_JEQ, 0, 1, 0 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x15, jeq #k): jump beyond the end of the program" },
	{ { { BPF_JMP | BPF_JEQ, 1, 0, 0 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x15, jeq #k): jump beyond the end of the program" },
	{ { { BPF_RET | BPF_X, 0, 0, 0 } }, 1, -EINVAL, 0, "instruction 0 (0x0e): unknown opcode" },
	{ { { BPF_LD | BPF_MSH | BPF_B, 0, 0, 0 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0xb0): unknown opcode" },
	{ { { 0x8c, 0, 0, 0 }, RETURN }, 2, -EINVAL, 0, "instruction 0 (0x8c): unknown opcode" },
	{ { { 0x55, 0, 0, 0 }, RETURN }, 2, -EINVAL, 0, "instruction 0 (0x55): unknown opcode" },
	{ { { 0xf4, 0, 0, 0 }, RETURN }, 2, -EINVAL, 0, "instruction 0 (0xf4): unknown opcode" },
	{ { { BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_NLATTR) }, RETURN },
	  2,
	  -ENOTSUP,
	  0,
	  "instruction 0 (0x20, ld [k]): a packet at XDP has no netlink attributes to search" },
	{ { { BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_NLATTR_NEST) },
	    RETURN },
	  2,
	  -ENOTSUP,
	  0,
	  "instruction 0 (0x20, ld [k]): a packet at XDP has no netlink attributes to search" },
	{ { { BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_PAY_OFFSET) }, RETURN },
	  2,
	  -ENOTSUP,
	  0,
	  "instruction 0 (0x20, ld [k]): the flow dissector has not seen a packet at XDP, so its "
	  "payload offset is not known" },
	{ { { BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_RXHASH) }, RETURN },
	  2,
	  -ENOTSUP,
	  0,
	  "instruction 0 (0x20, ld [k]): the receive hash of a packet is not known at XDP" },
	/* Not "ja", although the operation bits are; its jt and jf lead nowhere. */
	{ { { BPF_JMP | BPF_JA | BPF_X, 200, 200, 0 }, RETURN },
	  2,
	  -EINVAL,
	  0,
	  "instruction 0 (0x0d): unknown opcode" },
	{ { RETURN }, 0, -EINVAL, SIZE_MAX, "the program has no instructions" },
};

static void test_refusals(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
		const Refusal *refusal = &refusals[i];
		struct cbpf_program *untouched = (struct cbpf_program *)&refusals;
		struct cbpf_program *program = untouched;
		struct cbpf_error error;

		g_assert_cmpint(
			cbpf_compile(refusal->code, refusal->length, NULL, &program, &error), ==,
			refusal->result);
		g_assert_cmpstr(error.text, ==, refusal->text);
		g_assert_cmpint(error.kind, ==,
				refusal->result == -ENOTSUP ? CBPF_ERROR_UNSUPPORTED
							    : CBPF_ERROR_INVALID);
		g_assert_cmpuint(error.index, ==, refusal->index);
		g_assert_true(program == untouched);
		g_assert_cmpuint(error.opcode, ==,
				 refusal->length ? refusal->code[refusal->index].code : 0);
	}
}

static void test_options(void)
{
	const struct sock_filter code[] = { RETURN };
	struct cbpf_options options = { .size = sizeof(options), .access = CBPF_ACCESS_BUFFER };
	struct cbpf_program *program = NULL;
	struct cbpf_error error;

	g_assert_cmpint(cbpf_compile(code, 1, &options, &program, &error), ==, -EINVAL);
	g_assert_cmpstr(error.text, ==, "a buffer of 0 bytes: 1 to 1048576 are possible");
	options.buffer_size = 0x100001;
	g_assert_cmpint(cbpf_compile(code, 1, &options, &program, &error), ==, -EINVAL);
	g_assert_cmpstr(error.text, ==, "a buffer of 1048577 bytes: 1 to 1048576 are possible");
	options.access = (enum cbpf_access)7;
	g_assert_cmpint(cbpf_compile(code, 1, &options, &program, &error), ==, -EINVAL);
	g_assert_cmpstr(error.text, ==, "unknown kind of access to the packet");
	options = (struct cbpf_options){ 0 };
	g_assert_cmpint(cbpf_compile(code, 1, &options, &program, &error), ==, -EINVAL);
	g_assert_cmpstr(error.text, ==, "the size of the options is not set");
	g_assert_cmpint(error.kind, ==, CBPF_ERROR_OPTIONS);
	/* Without a struct for the error. */
	g_assert_cmpint(cbpf_compile(code, 0, NULL, &program, NULL), ==, -EINVAL);
	g_assert_null(program);
	cbpf_program_free(NULL);
}

static void test_unreachable_is_not_looked_at(void)
{
	/* libpcap accepts these and never runs them. */
	const struct sock_filter code[] = {
		RETURN,
		{ BPF_RET | BPF_X, 0, 0, 0 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_NLATTR) },
		RETURN,
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	size_t count;

	(void)cbpf_program_insns(program, &count);
	g_assert_cmpuint(count, ==, 2);
	cbpf_program_free(program);
}

static void test_names(void)
{
	g_assert_cmpstr(cbpf_opcode_name(BPF_LD | BPF_W | BPF_ABS), ==, "ld [k]");
	g_assert_cmpstr(cbpf_opcode_name(BPF_MISC | BPF_TAX), ==, "tax");
	g_assert_null(cbpf_opcode_name(0xffff));
}

void unit_refusal_add(void)
{
	g_test_add_func("/refusal/each-has-its-text", test_refusals);
	g_test_add_func("/refusal/options", test_options);
	g_test_add_func("/refusal/unreachable-code-is-accepted", test_unreachable_is_not_looked_at);
	g_test_add_func("/refusal/opcode-names", test_names);
}
