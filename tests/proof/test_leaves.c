/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings for real programs, as returned by the kernel after loading.
 *
 * usage: test_leaves OBJECT...
 *
 * Each object is leaves.bpf.c, built with some compiler and options. Programs that the kernel
 * rejects are skipped, but at most a third of each object.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "proof.h"

static char refused[64]; /* the program that libbpf complained about */

static const struct {
	const char *word;
	ProofVerdict least;
	ProofVerdict most;
} expectations[] = {
	{ "hook_", PROOF_PROVEN, PROOF_PROVEN },
	{ "table_", PROOF_DISPROVEN, PROOF_DISPROVEN },
	{ "perhaps_", PROOF_UNDECIDED, PROOF_UNDECIDED },
	/* Depends on how well we can track the stack, which a helper may have written to. */
	{ "unproven_", PROOF_UNDECIDED, PROOF_DISPROVEN },
};

static int listen_to_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);

	if (level == LIBBPF_WARN && strstr(text, "failed to load") &&
	    sscanf(text, "libbpf: prog '%63[^']'", refused) == 1)
		return 0;
	if (g_test_verbose())
		fprintf(stderr, "%s", text);
	return 0;
}

static GArray *read_program(int fd)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	GArray *insns = g_array_new(FALSE, FALSE, sizeof(struct bpf_insn));

	g_assert_cmpint(bpf_obj_get_info_by_fd(fd, &info, &size), ==, 0);
	g_array_set_size(insns, info.xlated_prog_len / sizeof(struct bpf_insn));
	size = info.xlated_prog_len;
	info = (struct bpf_prog_info){ .xlated_prog_len = size,
				       .xlated_prog_insns = (guintptr)insns->data };
	size = sizeof(info);
	g_assert_cmpint(bpf_obj_get_info_by_fd(fd, &info, &size), ==, 0);
	g_assert_cmpuint(info.xlated_prog_insns, !=, 0);
	return insns;
}

static guint32 map_id(struct bpf_object *object, const char *name)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_object__find_map_fd_by_name(object, name);

	g_assert_cmpint(bpf_obj_get_info_by_fd(fd, &info, &size), ==, 0);
	return info.id;
}

static void check_program(struct bpf_program *program, guint32 hook)
{
	const char *name = bpf_program__name(program);
	g_autoptr(GArray) insns = read_program(bpf_program__fd(program));
	g_autoptr(GArray) sites =
		proof_of_program((const struct bpf_insn *)(gpointer)insns->data, insns->len);
	ProofVerdict verdict = PROOF_NONE;

	for (guint i = 0; i < sites->len; i++) {
		const ProofSite *site = &g_array_index(sites, ProofSite, i);

		if (site->map_id == hook || site->map_id == 0)
			verdict = MAX(verdict, site->verdict);
		g_test_message("%s: call %u to map %u: verdict %d, reason %d at %u: %u for %u",
			       name, site->call, site->map_id, site->verdict, site->reason,
			       site->where, site->returned, site->index);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(expectations); i++) {
		if (!g_str_has_prefix(name, expectations[i].word) ||
		    (verdict >= expectations[i].least && verdict <= expectations[i].most))
			continue;
		g_test_message("%s: verdict %d, not %d", name, verdict, expectations[i].least);
		g_test_fail();
	}
}

static struct bpf_object *load(const char *path, GHashTable *without)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_program *program;

	g_assert_nonnull(object);
	bpf_object__for_each_program(program, object) bpf_program__set_autoload(
		program, !g_hash_table_contains(without, bpf_program__name(program)));
	refused[0] = '\0';
	if (bpf_object__load(object) == 0)
		return object;
	bpf_object__close(object);
	return NULL;
}

static void check_object(gconstpointer data)
{
	const char *path = data;
	g_autoptr(GHashTable) without =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct bpf_object *object;
	struct bpf_program *program;
	guint count = 0;

	while (!(object = load(path, without))) {
		g_assert_cmpstr(refused, !=, "");
		g_test_message("%s: the kernel refuses %s", path, refused);
		g_assert_true(g_hash_table_add(without, g_strdup(refused)));
	}
	bpf_object__for_each_program(program, object)
	{
		count++;
		if (bpf_program__fd(program) >= 0)
			check_program(program, map_id(object, "hook"));
	}
	g_assert_cmpuint(g_hash_table_size(without), <=, count / 3);
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	int fd;

	g_test_init(&argc, &argv, NULL);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, NULL);
	if (fd < 0) {
		printf("SKIP: may not make BPF maps\n");
		return 77;
	}
	close(fd);
	libbpf_set_print(listen_to_libbpf);
	for (int i = 1; i < argc; i++) {
		g_autofree char *name = g_path_get_basename(argv[i]);
		g_autofree char *path = g_strconcat("/proof/", name, NULL);

		g_test_add_data_func(path, argv[i], check_object);
	}
	return g_test_run();
}
