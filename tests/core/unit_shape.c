/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Programs of many shapes, as long as the kernel accepts and far longer: each compiles quickly and
 * on a small stack, with the meaning that it has for libpcap, or is refused with a message. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "reference.h"
#include "shape.h"
#include "unit.h"

/* AddressSanitizer makes frames larger. */
#ifdef __SANITIZE_ADDRESS__
#define STACK_BYTES ((gsize)256 * 1024)
#else
#define STACK_BYTES ((gsize)32 * 1024)
#endif

#define PACKET_BYTES 64
#define BUFFER_BYTES 60

/* What to compile on the small stack, and the result. */
typedef struct {
	const ShapeCode *code;
	gboolean all_forms;
	struct cbpf_program *packet, *buffer;
	gchar *text;
	int results[3];
	struct cbpf_error errors[3];
} Compilation;

static void *compilation_thread(void *context)
{
	const struct cbpf_options packet = { .size = sizeof(packet) };
	const struct cbpf_options buffer = { .size = sizeof(buffer),
					     .access = CBPF_ACCESS_BUFFER,
					     .buffer_size = BUFFER_BYTES };
	Compilation *compilation = context;
	const ShapeCode *code = compilation->code;

	compilation->results[0] = cbpf_compile(code->code, code->length, &packet,
					       &compilation->packet, &compilation->errors[0]);
	if (!compilation->all_forms)
		return NULL;
	compilation->results[1] = cbpf_compile(code->code, code->length, &buffer,
					       &compilation->buffer, &compilation->errors[1]);
	compilation->results[2] = cbpf_compile_c(code->code, code->length, &packet, "f",
						 &compilation->text, &compilation->errors[2]);
	return NULL;
}

static void run_on_small_stack(Compilation *compilation)
{
	pthread_attr_t attributes;
	pthread_t thread;

	g_assert_cmpint(pthread_attr_init(&attributes), ==, 0);
	/* arm64 allows none so small. */
	g_assert_cmpint(
		pthread_attr_setstacksize(&attributes,
					  MAX(STACK_BYTES, (gsize)sysconf(_SC_THREAD_STACK_MIN))),
		==, 0);
	g_assert_cmpint(pthread_create(&thread, &attributes, compilation_thread, compilation), ==,
			0);
	g_assert_cmpint(pthread_join(thread, NULL), ==, 0);
	pthread_attr_destroy(&attributes);
}

static void compare_with_libpcap(const Compilation *compilation)
{
	const ShapeCode *code = compilation->code;

	for (guint i = 0; i < 12; i++) {
		guint8 bytes[PACKET_BYTES];
		guint32 length = i % 4 ? PACKET_BYTES : 7 + i;

		for (guint at = 0; at < PACKET_BYTES; at++)
			bytes[at] = (guint8)(at % 4 == 3 ? i * at : 0);
		if (compilation->packet)
			g_assert_cmpuint(machine_run(compilation->packet, bytes, length).value, ==,
					 reference_run(code->code, bytes, length, length));
		length = MIN(length, BUFFER_BYTES);
		if (compilation->buffer)
			g_assert_cmpuint(machine_run_buffer(compilation->buffer, bytes, length,
							    BUFFER_BYTES, length)
						 .value,
					 ==, reference_run(code->code, bytes, length, length));
	}
}

/* Nothing that the kernel accepts is refused, and only programs made to hit the limit on work
 * do. */
static void check_result(const Shape *shape, gsize most, int result, const struct cbpf_error *error)
{
	gboolean exhausts = shape->exhausts && most > BPF_MAXINSNS;

	if (result == 0) {
		g_assert_false(exhausts);
		return;
	}
	g_test_message("refused: %s", error->text);
	g_assert_cmpuint(most, >, BPF_MAXINSNS);
	g_assert_cmpint(result, ==, -E2BIG);
	g_assert_cmpint(error->kind, ==, exhausts ? CBPF_ERROR_WORK : CBPF_ERROR_SIZE);
	g_assert_cmpuint(error->index, ==, SIZE_MAX);
	if (exhausts)
		g_assert_cmpstr(error->text, ==,
				"compiling it takes more than 256000000 steps: use a shorter "
				"filter, or several");
}

static void compile_shape(const Shape *shape, gsize most, gboolean all_forms)
{
	ShapeCode code = { .code = g_new0(struct sock_filter, most + SHAPE_SPARE), .most = most };
	Compilation compilation = { .code = &code, .all_forms = all_forms };

	shape->make(&code);
	g_assert_cmpuint(code.length, <=, most);
	g_test_message("%s, %zu instructions", shape->name, code.length);
	run_on_small_stack(&compilation);
	for (guint i = 0; i < (all_forms ? G_N_ELEMENTS(compilation.results) : 1); i++)
		check_result(shape, most, compilation.results[i], &compilation.errors[i]);
	if (shape->libpcap)
		compare_with_libpcap(&compilation);
	cbpf_program_free(compilation.packet);
	cbpf_program_free(compilation.buffer);
	free(compilation.text);
	g_free(code.code);
}

static void test_shape(gconstpointer shape)
{
	compile_shape(shape, BPF_MAXINSNS, TRUE);
	compile_shape(shape, 15 * BPF_MAXINSNS, TRUE);
}

/* Takes a second or more each: run with -m slow. */
static void test_longest(gconstpointer shape)
{
	if (g_test_slow())
		compile_shape(shape, CBPF_INSNS_MAX, FALSE);
}

static void test_too_long(void)
{
	const gsize length = CBPF_INSNS_MAX + 1;
	struct sock_filter *code = g_new0(struct sock_filter, length);
	struct cbpf_program *program = NULL;
	struct cbpf_error error;

	for (gsize i = 0; i < length; i++)
		code[i] = (struct sock_filter){ .code = BPF_RET | BPF_K };
	g_assert_cmpint(cbpf_compile(code, length, NULL, &program, &error), ==, -E2BIG);
	g_assert_cmpint(error.kind, ==, CBPF_ERROR_SIZE);
	g_assert_cmpstr(error.text, ==,
			"the program has 1000001 instructions, of which 1000000 are accepted: use "
			"a shorter filter, or several");
	g_assert_cmpint(cbpf_compile(code, length - 1, NULL, &program, NULL), ==, 0);
	cbpf_program_free(program);
	g_free(code);
}

void unit_shape_add(void)
{
	for (gsize i = 0; i < shape_count; i++) {
		g_autofree gchar *path = g_strdup_printf("/shape/%s", shapes[i].name);
		g_autofree gchar *longest = g_strdup_printf("/longest/%s", shapes[i].name);

		g_test_add_data_func(path, &shapes[i], test_shape);
		g_test_add_data_func(longest, &shapes[i], test_longest);
	}
	g_test_add_func("/shape/too-long", test_too_long);
}
