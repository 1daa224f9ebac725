/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark doctor": what captures need of this machine, found out by trying, and for
 * what is missing what it costs and what to do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "broker.h"
#include "command.h"
#include "json.h"
#include "program_error.h"
#include "terminal.h"

typedef enum {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_UNKNOWN,
	ANSWER_COUNT,
} Answer;

static const char *const answers[ANSWER_COUNT] = { "no", "yes", "unknown" };

/* What tshark says of its folders; all NULL if there is no tshark. */
typedef struct {
	char *version;
	GPtrArray *extcaps; /* folders, char * */
	GPtrArray *plugins;
} Wireshark;

/* Adds to detail what was found. */
typedef Answer (*Probe)(const Wireshark *wireshark, GString *detail);

typedef enum {
	CHECK_REQUIRED = 1, /* no capture without it */
	CHECK_LOADS = 2,    /* can be told only by who may load programs */
} CheckFlags;

typedef struct {
	const char *name; /* for programs */
	const char *what;
	CheckFlags flags;
	Probe probe;
	const char *cost;
	const char *remedy;
} Check;

/* "r0 = XDP_PASS; exit" of a kind; returns the descriptor or a negative errno. */
static int load_trivial(guint32 flags)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP,
		    .prog_flags = flags);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpshark_probe", "GPL", insns,
			       G_N_ELEMENTS(insns), &options);

	return fd < 0 ? -errno : fd;
}

static Answer answer_load(int fd, GString *detail)
{
	if (fd >= 0) {
		close(fd);
		return ANSWER_YES;
	}
	g_string_append(detail, g_strerror(-fd));
	return ANSWER_NO;
}

static Answer probe_load(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	return answer_load(load_trivial(0), detail);
}

static Answer probe_capture(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32);
	g_autoptr(GError) error = NULL;

	if (broker_check_filter(&everything, 1, &error))
		return ANSWER_YES;
	g_string_append(detail, error->message);
	return ANSWER_NO;
}

static Answer probe_mounts(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	g_autoptr(GPtrArray) mounts = bpffs_mounts();
	const char *last = "";

	for (guint i = 0; mounts && i < mounts->len; i++) {
		const BpffsMount *mount = g_ptr_array_index(mounts, i);

		/* Of those at one place the last one is in sight. */
		if (strcmp(mount->path, last) == 0)
			continue;
		last = mount->path;
		g_string_append_printf(detail, "%s%s", i == 0 ? "" : ", ", mount->path);
	}
	return mounts && mounts->len > 0 ? ANSWER_YES : ANSWER_NO;
}

/* The kernel asks CAP_SYS_ADMIN of who walks the programs. */
static Answer probe_walk(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	guint32 id = 0;

	if (bpf_prog_get_next_id(id, &id) == 0 || errno == ENOENT)
		return ANSWER_YES;
	g_string_append(detail, g_strerror(errno));
	return ANSWER_NO;
}

static Answer probe_jit(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = load_trivial(0);

	if (fd < 0)
		return answer_load(fd, detail);
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		g_string_append(detail, g_strerror(errno));
	close(fd);
	return info.jited_prog_len > 0 ? ANSWER_YES : ANSWER_NO;
}

static Answer probe_frags(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	return answer_load(load_trivial(BPF_F_XDP_HAS_FRAGS), detail);
}

static Answer probe_helper(enum bpf_func_id helper)
{
	int result = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, helper, NULL);

	if (result < 0)
		return ANSWER_UNKNOWN;
	return result ? ANSWER_YES : ANSWER_NO;
}

static Answer probe_ringbuf(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail G_GNUC_UNUSED)
{
	return probe_helper(BPF_FUNC_ringbuf_reserve);
}

static Answer probe_load_bytes(const Wireshark *wireshark G_GNUC_UNUSED,
			       GString *detail G_GNUC_UNUSED)
{
	return probe_helper(BPF_FUNC_xdp_load_bytes);
}

static Answer probe_btf(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";

	g_string_append(detail, path);
	return access(path, R_OK) == 0 ? ANSWER_YES : ANSWER_NO;
}

/* libbpf knows what the kernel says to a program of the type that has no target: other words mean
 * that it is refused before. */
static Answer probe_type(enum bpf_prog_type type)
{
	int result = libbpf_probe_bpf_prog_type(type, NULL);

	if (result < 0)
		return ANSWER_UNKNOWN;
	return result ? ANSWER_YES : ANSWER_NO;
}

static Answer probe_tracing(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail G_GNUC_UNUSED)
{
	return probe_type(BPF_PROG_TYPE_TRACING);
}

static Answer probe_ext(const Wireshark *wireshark G_GNUC_UNUSED, GString *detail G_GNUC_UNUSED)
{
	return probe_type(BPF_PROG_TYPE_EXT);
}

static Answer probe_wireshark(const Wireshark *wireshark, GString *detail)
{
	if (!wireshark->version)
		return ANSWER_NO;
	g_string_append(detail, wireshark->version);
	return ANSWER_YES;
}

/* Looks for a file in folders, and tells where it is, or where it was looked for. */
static Answer find_file(const GPtrArray *folders, const char *name, int mode, GString *detail)
{
	for (guint i = 0; i < folders->len; i++) {
		g_autofree char *path = g_build_filename(g_ptr_array_index(folders, i), name, NULL);

		if (access(path, mode) != 0)
			continue;
		g_string_assign(detail, path);
		return ANSWER_YES;
	}
	g_string_append(detail, "not in ");
	for (guint i = 0; i < folders->len; i++)
		g_string_append_printf(detail, "%s%s", i == 0 ? "" : ", ",
				       (const char *)g_ptr_array_index(folders, i));
	return ANSWER_NO;
}

static Answer probe_extcap(const Wireshark *wireshark, GString *detail)
{
	if (!wireshark->version)
		return ANSWER_UNKNOWN;
	return find_file(wireshark->extcaps, "xdpshark", X_OK, detail);
}

static Answer probe_plugin(const Wireshark *wireshark, GString *detail)
{
	if (!wireshark->version)
		return ANSWER_UNKNOWN;
	return find_file(wireshark->plugins, "xdp.so", R_OK, detail);
}

static const Check checks[] = {
	{ "load", "this process may load BPF programs", 0, probe_load,
	  "some of what follows cannot be tried; captures do without, through xdpshark-hookd",
	  PROGRAM_PERMISSION_REMEDY },
	{ "bpffs", "a bpffs is mounted", CHECK_REQUIRED, probe_mounts,
	  "there is no hook: hooks are pinned there",
	  "mount -t bpf bpf /sys/fs/bpf; inside of 'ip netns exec', which hides it, use 'nsenter "
	  "--net=/run/netns/NAME' instead" },
	{ "walk", "this process may list the programs of the machine", 0, probe_walk,
	  "captures and the list do without, through xdpshark-hookd",
	  "run as root, or with CAP_SYS_ADMIN" },
	{ "ringbuf", "ring buffers", CHECK_LOADS, probe_ringbuf, "nothing can be captured",
	  "use Linux 5.8 or later" },
	{ "capture", "xdpshark-hookd loads the capture programs", CHECK_REQUIRED, probe_capture,
	  "nothing can be captured", "see the reason above, and docs/security.md" },
	{ "jit", "programs are compiled to machine code", CHECK_LOADS, probe_jit,
	  "each packet takes several times longer", "sysctl net.core.bpf_jit_enable=1" },
	{ "frags", "frames in fragments", CHECK_LOADS, probe_frags,
	  "frames that do not fit into a page (jumbo frames) never reach an XDP program",
	  "use Linux 5.18 or later" },
	{ "load_bytes", "bpf_xdp_load_bytes", CHECK_LOADS, probe_load_bytes,
	  "packets are copied with bpf_probe_read_kernel: the same packets, without fragments",
	  "nothing needs to be done; Linux 5.18 has it" },
	{ "btf", "the kernel describes its types (BTF)", 0, probe_btf,
	  "programs that watch others (fentry, fexit) cannot be loaded; captures from hooks do "
	  "without",
	  "use a kernel with CONFIG_DEBUG_INFO_BTF" },
	{ "tracing", "programs that watch others (fentry, fexit)", CHECK_LOADS, probe_tracing,
	  "an XDP program without a hook cannot be watched; captures from hooks do without",
	  "use a kernel that lets them be loaded" },
	{ "ext", "programs that replace a part of others (freplace)", CHECK_LOADS, probe_ext,
	  "libxdp cannot put several programs on a device; captures from hooks do without",
	  "use a kernel that lets them be loaded" },
	{ "wireshark", "Wireshark is here, as tshark says", 0, probe_wireshark,
	  "captures go to files and pipes only, and this cannot tell Wireshark's folders",
	  "install wireshark or tshark" },
	{ "extcap", "Wireshark finds xdpshark", 0, probe_extcap,
	  "Wireshark and tshark list no hooks",
	  "install xdpshark for this Wireshark, or link it into one of these folders" },
	{ "plugin", "Wireshark finds the dissector xdp", 0, probe_plugin,
	  "Wireshark has no fields xdp.action, xdp.hook and so on; comments tell the same",
	  "build and install xdpshark with this Wireshark's headers (wireshark-dev)" },
};

static char *run_tshark(const char *argument, const char *topic)
{
	const char *const arguments[] = { "tshark", argument, topic, NULL };
	g_autofree char *output = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, (char **)arguments, NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
			  NULL, &status, NULL) ||
	    !g_spawn_check_wait_status(status, NULL))
		return NULL;
	return g_steal_pointer(&output);
}

/* Lines are "Name:<white space>folder". 4.0 tells only the global folder of extcaps; the personal
 * one is below that of the configuration. */
static void read_folders(Wireshark *wireshark, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		char *folder = strchr(lines[i], ':');

		if (!folder)
			continue;
		*folder = '\0';
		folder = g_strstrip(folder + 1);
		if (g_str_has_suffix(lines[i], "xtcap path"))
			g_ptr_array_add(wireshark->extcaps, g_strdup(folder));
		else if (g_str_equal(lines[i], "Personal configuration") &&
			 !strstr(text, "Personal Extcap path"))
			g_ptr_array_add(wireshark->extcaps,
					g_build_filename(folder, "extcap", NULL));
		else if (g_str_equal(lines[i], "Personal Plugins") ||
			 g_str_equal(lines[i], "Global Plugins"))
			g_ptr_array_add(wireshark->plugins, g_build_filename(folder, "epan", NULL));
	}
}

static void wireshark_ask(Wireshark *wireshark)
{
	g_autofree char *version = run_tshark("--version", NULL);
	g_autofree char *folders = run_tshark("-G", "folders");

	wireshark->extcaps = g_ptr_array_new_with_free_func(g_free);
	wireshark->plugins = g_ptr_array_new_with_free_func(g_free);
	if (!version || !folders)
		return;
	wireshark->version = g_strndup(version, strcspn(version, "\n"));
	read_folders(wireshark, folders);
}

static void wireshark_clear(Wireshark *wireshark)
{
	g_free(wireshark->version);
	g_ptr_array_unref(wireshark->extcaps);
	g_ptr_array_unref(wireshark->plugins);
}

static void print_line(const Check *check, Answer answer, const char *detail)
{
	terminal_print(stdout, "%-8s %s%s%s\n", answers[answer], check->what, *detail ? ": " : "",
		       detail);
	if (answer == ANSWER_NO)
		printf("         without it: %s\n         what to do: %s\n", check->cost,
		       check->remedy);
}

static void json_add_check(JsonBuilder *builder, const Check *check, Answer answer,
			   const char *detail)
{
	json_builder_begin_object(builder);
	json_add_string(builder, "name", check->name);
	json_add_string(builder, "what", check->what);
	json_builder_set_member_name(builder, "answer");
	if (answer == ANSWER_UNKNOWN)
		json_builder_add_null_value(builder);
	else
		json_builder_add_boolean_value(builder, answer == ANSWER_YES);
	json_add_boolean(builder, "required", (check->flags & CHECK_REQUIRED) != 0);
	json_add_string(builder, "detail", *detail ? detail : NULL);
	json_add_string(builder, "cost", answer == ANSWER_NO ? check->cost : NULL);
	json_add_string(builder, "remedy", answer == ANSWER_NO ? check->remedy : NULL);
	json_builder_end_object(builder);
}

static void print_json(JsonBuilder *builder)
{
	g_autofree char *text = NULL;

	json_builder_end_array(builder);
	text = json_format(builder, TRUE);
	puts(text);
}

/* Whether captures are possible. */
static gboolean examine(gboolean json)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	Wireshark wireshark = { 0 };
	gboolean permitted = FALSE, possible = TRUE;

	wireshark_ask(&wireshark);
	json_builder_begin_array(builder);
	for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
		const Check *check = &checks[i];
		g_autoptr(GString) detail = g_string_new(NULL);
		Answer answer = ANSWER_UNKNOWN;

		if (permitted || !(check->flags & CHECK_LOADS))
			answer = check->probe(&wireshark, detail);
		if (check->probe == probe_load)
			permitted = answer == ANSWER_YES;
		if (check->flags & CHECK_REQUIRED && answer != ANSWER_YES)
			possible = FALSE;
		if (json)
			json_add_check(builder, check, answer, detail->str);
		else
			print_line(check, answer, detail->str);
	}
	if (json)
		print_json(builder);
	else
		printf("\nCaptures are %spossible.\n", possible ? "" : "not ");
	wireshark_clear(&wireshark);
	return possible;
}

int doctor_command(int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json,
		  "Print a JSON array with an object for each check", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	gboolean possible;

	g_set_prgname("xdpshark doctor"); /* for the usage line of --help */
	g_option_context_set_summary(
		context, "Tells what this machine has of what captures need, and what to do about "
			 "the rest.\nThe exit status is 0 if captures are possible, 1 if not.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("xdpshark: doctor: %s (see xdpshark doctor --help)\n", error->message);
		return EXIT_STATUS_USAGE;
	}
	if (argc > 1) {
		g_printerr("xdpshark: doctor takes no operand, but \"%s\" was given "
			   "(see xdpshark doctor --help)\n",
			   argv[1]);
		return EXIT_STATUS_USAGE;
	}
	possible = examine(json);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return possible ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
	g_printerr("xdpshark: cannot write to standard output\n");
	return EXIT_STATUS_FAILED;
}
