// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_code.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "packet.h"
#include "proof.h"

/* Maximum number of programs to remember. Others are read again each time, which is just slower. */
#define REMEMBERED_MAX 4096

typedef struct {
	guint64 load_time; /* because ids are reused */
	GArray *sites;	   /* ProofSite; NULL: not available */
	const char *reason;
} Known;

static void known_free(gpointer data)
{
	Known *known = data;

	g_clear_pointer(&known->sites, g_array_unref);
	g_free(known);
}

/* Returns the instructions, or NULL with a reason. */
static struct bpf_insn *read_insns(int fd, gsize *ret_count, const char **ret_reason)
{
	g_autofree struct bpf_insn *insns = NULL;
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info), length;

	*ret_reason = "cannot be read";
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.xlated_prog_len == 0)
		return NULL;
	length = info.xlated_prog_len;
	insns = g_malloc0(length);
	memset(&info, 0, sizeof(info));
	info.xlated_prog_len = length;
	info.xlated_prog_insns = (guintptr)insns;
	size = sizeof(info);
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.xlated_prog_len != length)
		return NULL;
	*ret_reason = "are hidden by the kernel (net.core.bpf_jit_harden=2)";
	if (info.xlated_prog_insns == 0)
		return NULL;
	*ret_count = length / sizeof(*insns);
	return g_steal_pointer(&insns);
}

static Known *read_program(const XdpProgram *program)
{
	g_autofree struct bpf_insn *insns = NULL;
	Known *known = g_new0(Known, 1);
	int fd = bpf_prog_get_fd_by_id(program->id);
	gsize count;

	known->load_time = program->load_time;
	if (fd < 0) {
		known->reason = errno == ENOENT ? NULL : "cannot be read";
		return known;
	}
	insns = read_insns(fd, &count, &known->reason);
	close(fd);
	if (insns)
		known->sites = proof_of_program(insns, count);
	return known;
}

const GArray *xdp_code_sites(const XdpProgram *program, const char **ret_reason)
{
	static GHashTable *remembered;
	const gpointer key = GUINT_TO_POINTER(program->id);
	Known *known;

	if (!remembered)
		remembered = g_hash_table_new_full(NULL, NULL, NULL, known_free);
	known = g_hash_table_lookup(remembered, key);
	if (!known || known->load_time != program->load_time || !known->sites) {
		if (g_hash_table_size(remembered) >= REMEMBERED_MAX)
			g_hash_table_remove_all(remembered);
		known = read_program(program);
		g_hash_table_insert(remembered, key, known);
	}
	*ret_reason = known->reason;
	return known->sites;
}

static gboolean is_array(guint32 map_id)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(map_id);
	gboolean known = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0;

	if (fd >= 0)
		close(fd);
	return !known || info.type == BPF_MAP_TYPE_PROG_ARRAY;
}

gboolean xdp_code_has_one_array(const XdpProgram *program)
{
	guint count = 0;

	for (guint i = 0; i < program->map_count; i++)
		count += is_array(program->map_ids[i]);
	return count == 1;
}

_Static_assert(PACKET_READERS == XDP_CODE_READERS, "room for all of them");

const char *const *xdp_code_readers(void)
{
	return packet_readers;
}

gboolean xdp_code_leaves_packet(int fd, const gint32 *readers, gsize reader_count)
{
	const char *reason;
	gsize count;
	g_autofree struct bpf_insn *insns = read_insns(fd, &count, &reason);

	return insns && packet_is_left(insns, count, readers, reader_count);
}
