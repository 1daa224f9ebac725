// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * output PORT: has notes put into perf's buffer of UDP packets to that port that the kernel drops
 * (output.bpf.c), is woken for each, and throws them away. Prints "ready", and ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define PAGES 64 /* of 4 KiB, for each CPU */

static volatile sig_atomic_t is_over;

static void note_end(int number)
{
	(void)number;
	is_over = 1;
}

static void take(void *context, int cpu, void *data, __u32 size)
{
	(void)context;
	(void)cpu;
	(void)data;
	(void)size;
}

/* NULL if that cannot be done. */
static struct bpf_link *attach(struct bpf_object *object, const char *port)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, "note_drop");
	__u16 wanted = htons((uint16_t)atoi(port));
	size_t size;

	memcpy((char *)bpf_map__initial_value(bpf_object__find_map_by_name(object, ".rodata"),
					      &size),
	       &wanted, sizeof(wanted));
	return bpf_object__load(object) < 0 ? NULL : bpf_program__attach_trace(program);
}

/* FALSE if it cannot be had. */
static int read_notes(const struct bpf_object *object)
{
	struct perf_buffer *buffer = perf_buffer__new(
		bpf_object__find_map_fd_by_name(object, "notes"), PAGES, take, NULL, NULL, NULL);
	int result = 0;

	if (!buffer)
		return 0;
	puts("ready");
	fflush(stdout);
	while (!is_over && (result >= 0 || result == -EINTR))
		result = perf_buffer__poll(buffer, 1000);
	perf_buffer__free(buffer);
	return is_over;
}

int main(int argc, char **argv)
{
	struct sigaction end = { .sa_handler = note_end };
	struct bpf_object *object = argc == 2 ? bpf_object__open_file(BENCH_OBJECT, NULL) : NULL;
	struct bpf_link *link = object ? attach(object, argv[1]) : NULL;
	int is_read;

	sigaction(SIGTERM, &end, NULL);
	is_read = link && read_notes(object);
	if (!is_read)
		fputs("output: perf's buffer cannot be had\n", stderr);
	bpf_link__destroy(link);
	bpf_object__close(object);
	return is_read ? EXIT_SUCCESS : EXIT_FAILURE;
}
