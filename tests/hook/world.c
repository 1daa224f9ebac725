/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of its own for each test of hooks.
 */
#include "world.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

#define NOBODY 65534

static GArray *descriptors;

static struct bpf_insn insn(guint8 code, guint8 dst, guint8 src, gint32 imm)
{
	return (struct bpf_insn){ .code = code, .dst_reg = dst, .src_reg = src, .imm = imm };
}

static int keep(int fd, const char *what)
{
	if (fd < 0)
		g_error("%s: %s", what, g_strerror(errno));
	g_array_append_val(descriptors, fd);
	return fd;
}

static void check(int result, const char *what)
{
	if (result < 0)
		g_error("%s: %s", what, g_strerror(errno));
}

/* Enters namespaces. Returns why not, or NULL. */
static const char *enter(void)
{
	int fd;

	if (geteuid() != 0)
		return "needs root";
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0)
		return "may not make namespaces";
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "may not change mounts";
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, NULL);
	if (fd < 0)
		return "may not make BPF maps";
	close(fd);
	while (umount2("/sys/fs/bpf", MNT_DETACH) == 0)
		; /* until all that is stacked there is gone */
	return NULL;
}

static void begin(void)
{
	descriptors = g_array_new(FALSE, FALSE, sizeof(int));
	check(unshare(CLONE_NEWNET), "network namespace");
	check(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), "tmpfs on /run");
	check(mkdir("/run/netns", 0755), "/run/netns");
	check(mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=755"), "bpffs");
	/* As xdpshark-hookd does when it starts. */
	check(mkdir(CONFINE_FOLDER, 0700), CONFINE_FOLDER);
}

static void end(void)
{
	for (guint i = 0; i < descriptors->len; i++)
		close(g_array_index(descriptors, int, i));
	g_array_free(descriptors, TRUE);
	umount2("/sys/fs/bpf", MNT_DETACH);
	umount2("/run", MNT_DETACH);
}

static void run(gconstpointer test)
{
	begin();
	((const WorldTest *)test)->test();
	end();
}

int world_run_tests(int argc, char **argv, const WorldTest *tests, gsize count)
{
	const char *obstacle = enter();

	if (obstacle) {
		printf("SKIP: %s\n", obstacle);
		return 77;
	}
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < count; i++)
		g_test_add_data_func(tests[i].path, &tests[i], run);
	return g_test_run();
}

void world_close(int fd)
{
	for (guint i = 0; i < descriptors->len; i++) {
		if (g_array_index(descriptors, int, i) == fd) {
			g_array_remove_index_fast(descriptors, i);
			close(fd);
			return;
		}
	}
}

int world_map(enum bpf_map_type type, guint32 value_size, guint32 entries)
{
	return keep(bpf_map_create(type, "map", 4, value_size, entries, NULL), "map");
}

int world_array(guint32 slots)
{
	return world_map(BPF_MAP_TYPE_PROG_ARRAY, 4, slots);
}

static int load(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
		const struct bpf_insn *insns, gsize count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach);

	return keep(bpf_prog_load(type, name, "GPL", insns, count, &options), name);
}

static int load_leaving(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
			int array, gint32 returned)
{
	const struct bpf_insn insns[] = {
		/* r1 is the context */
		insn(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, array),
		insn(0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, XDP_DROP),
		insn(BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_tail_call),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, returned),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0),
	};

	return load(type, attach, name, insns, G_N_ELEMENTS(insns));
}

int world_program_of(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
		     int array)
{
	return load_leaving(type, attach, name, array, XDP_DROP);
}

int world_dispatcher(const char *name, int array)
{
	return load_leaving(BPF_PROG_TYPE_XDP, 0, name, array, XDP_PASS);
}

/* Calls a helper on the way. */
int world_counter(const char *name, int array)
{
	const struct bpf_insn insns[] = {
		insn(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, array),
		insn(0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, XDP_DROP),
		insn(BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_tail_call),
		insn(BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_get_prandom_u32),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, XDP_DROP),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0),
	};

	return load(BPF_PROG_TYPE_XDP, 0, name, insns, G_N_ELEMENTS(insns));
}

int world_program(const char *name, int array)
{
	return world_program_of(BPF_PROG_TYPE_XDP, 0, name, array);
}

int world_naming(const char *name, int array)
{
	const struct bpf_insn insns[] = {
		insn(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, array),
		insn(0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, XDP_PASS),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0),
	};

	return load(BPF_PROG_TYPE_XDP, 0, name, insns, G_N_ELEMENTS(insns));
}

int world_redirector(const char *name, int map)
{
	const struct bpf_insn insns[] = {
		insn(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, map),
		insn(0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0),
		insn(BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_redirect_map),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0),
	};

	return load(BPF_PROG_TYPE_XDP, 0, name, insns, G_N_ELEMENTS(insns));
}

void world_set_slot(int map, guint32 slot, int program)
{
	check(bpf_map_update_elem(map, &slot, &program, BPF_ANY), "slot");
}

void world_set_target(int map, guint32 first, int program)
{
	/* bpf_cpumap_val is laid out alike. */
	const struct bpf_devmap_val value = { .ifindex = first, .bpf_prog.fd = program };
	guint32 key = 0;

	check(bpf_map_update_elem(map, &key, &value, BPF_ANY), "target");
}

void world_pin(int fd, const char *path)
{
	check(bpf_obj_pin(fd, path), path);
}

int world_hook(const char *path, guint32 slots, const char *program)
{
	int map = world_array(slots);

	world_program(program, map);
	world_pin(map, path);
	return map;
}

guint32 world_program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	guint32 length = sizeof(info);

	check(bpf_obj_get_info_by_fd(fd, &info, &length), "program");
	return info.id;
}

guint32 world_map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	guint32 length = sizeof(info);

	check(bpf_obj_get_info_by_fd(fd, &info, &length), "map");
	return info.id;
}

void world_run(const char *command)
{
	g_autoptr(GError) error = NULL;
	int status = 0;

	if (!g_spawn_command_line_sync(command, NULL, NULL, &status, &error) ||
	    !g_spawn_check_wait_status(status, &error))
		g_error("%s: %s", command, error->message);
}

guint32 world_veth(const char *name, const char *peer)
{
	g_autofree char *command =
		g_strdup_printf("ip link add %s type veth peer name %s", name, peer);

	world_run(command);
	return if_nametoindex(name);
}

void world_attach(const char *device, int program, guint32 flags)
{
	int ifindex = (int)if_nametoindex(device);

	errno = -bpf_xdp_attach(ifindex, program, flags, NULL);
	check(errno == 0 ? 0 : -1, device);
}

int world_attach_link(const char *device, int program)
{
	int ifindex = (int)if_nametoindex(device);

	return keep(bpf_link_create(program, ifindex, BPF_XDP, NULL), "link");
}

int world_enter_namespace(const char *name)
{
	g_autofree char *add = g_strdup_printf("ip netns add %s", name);
	g_autofree char *path = g_strdup_printf("/run/netns/%s", name);
	int before = keep(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "own namespace");

	world_run(add);
	check(setns(keep(open(path, O_RDONLY | O_CLOEXEC), path), CLONE_NEWNET), path);
	return before;
}

void world_leave_namespace(int before)
{
	check(setns(before, CLONE_NEWNET), "own namespace");
}

static void become_nobody(void)
{
	check(setgroups(0, NULL), "groups");
	check(setresgid(NOBODY, NOBODY, NOBODY), "group");
	check(setresuid(NOBODY, NOBODY, NOBODY), "user");
	/* As after an exec: else /proc/self would be root's. */
	check(prctl(PR_SET_DUMPABLE, 1), "dumpable");
}

static void drop_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	check((int)syscall(SYS_capget, &header, data), "capabilities");
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].permitted &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	check((int)syscall(SYS_capset, &header, data), "capabilities");
}

static int run_child(void (*prepare)(void), int (*body)(gpointer data), gpointer data)
{
	int status = 0;
	pid_t child = fork();

	check(child, "fork");
	if (child == 0) {
		prepare();
		_exit(body(data));
	}
	check(waitpid(child, &status, 0), "child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int world_as_nobody(int (*body)(gpointer data), gpointer data)
{
	return run_child(become_nobody, body, data);
}

int world_without_admin(int (*body)(gpointer data), gpointer data)
{
	return run_child(drop_admin, body, data);
}
