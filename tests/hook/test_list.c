/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark list".
 */
#include <json-glib/json-glib.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "world.h"

typedef struct {
	char **argv;
	int out;
	int error;
} Call;

typedef struct {
	int status;
	char *out;
	char *error;
} Result;

static void no_log(const gchar *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED,
		   const gchar *message G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static int call(gpointer data)
{
	const Call *call = data;
	int status;

	/* g_test prints debug messages on standard output. */
	g_log_set_default_handler(no_log, NULL);

	if (dup2(call->out, STDOUT_FILENO) < 0 || dup2(call->error, STDERR_FILENO) < 0)
		return 126;
	status = list_command((int)g_strv_length(call->argv), call->argv);
	fflush(stdout);
	return status;
}

static char *read_all(int fd)
{
	char *text = g_malloc0(65536);

	g_assert_cmpint(pread(fd, text, 65535, 0), >=, 0);
	close(fd);
	return text;
}

static Result list(const char *arguments, gboolean as_nobody)
{
	g_autofree char *command = g_strconcat("list ", arguments, NULL);
	g_auto(GStrv) argv = g_strsplit(g_strchomp(command), " ", -1);
	Call job = { argv, memfd_create("out", 0), memfd_create("error", 0) };
	Result result = { 0 };
	int status = 0;
	pid_t child;

	if (as_nobody) {
		result.status = world_as_nobody(call, &job);
	} else {
		fflush(stdout);
		child = fork();
		g_assert_cmpint(child, >=, 0);
		if (child == 0)
			_exit(call(&job));
		g_assert_cmpint(waitpid(child, &status, 0), ==, child);
		result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	}
	result.out = read_all(job.out);
	result.error = read_all(job.error);
	return result;
}

static void result_clear(Result *result)
{
	g_free(result->out);
	g_free(result->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, result_clear)

static void test_table(void)
{
	int map = world_array(5);
	int program = world_program("fw", map);
	int capture = world_program("capture", world_array(5));
	g_autofree char *slots = NULL;
	g_auto(GStrv) lines = NULL;
	g_auto(Result) result = { 0 };

	world_hook("/sys/fs/bpf/Züri 表", 4, "w");
	world_pin(map, "/sys/fs/bpf/fw");
	world_set_slot(map, XDP_DROP, capture);
	world_set_slot(map, XDP_REDIRECT, capture);
	world_veth("xh0", "xh1");
	world_attach("xh0", program, 0);
	result = list("", FALSE);
	g_assert_cmpint(result.status, ==, 0);
	/* A veth has tags taken off, if nobody has changed that. */
	g_assert_true(g_str_has_prefix(result.error,
				       "hook /sys/fs/bpf/fw: VLAN tags are removed before XDP on "
				       "xh0 (rx-vlan-offload is on)"));
	g_assert_true(g_str_has_suffix(strchr(result.error, '\n'), "\n"));
	lines = g_strsplit(result.out, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 5);
	slots = g_strdup_printf(
		"  no   no     itself          slots taken: 2 of 5: DROP capture#%u, "
		"REDIRECT capture#%u",
		world_program_id(capture), world_program_id(capture));
	g_assert_true(g_str_has_prefix(lines[0], "POINT                DEVICES  MODE    PROGRAMS"));
	g_assert_true(g_str_has_suffix(
		lines[0],
		"  TAG               LOADED               BTF  FRAGS  HOOK            REMARKS"));
	/* The program that leads to a hook is a point of its own. */
	g_assert_true(g_str_has_prefix(lines[1], "xdp-prog:xh0         xh0      native  fw#"));
	g_assert_nonnull(strstr(lines[1], "  no   no     /sys/fs/bpf/fw  "));
	/* One character has two bytes and takes one column, the other has three and takes two. */
	g_assert_true(g_str_has_prefix(lines[2], "/sys/fs/bpf/Züri 表  -        -       w#"));
	g_assert_true(g_str_has_suffix(lines[2], "  slots taken: 0 of 4"));
	g_assert_true(g_str_has_suffix(lines[3], slots));
	g_assert_true(g_str_has_prefix(lines[3], "/sys/fs/bpf/fw       xh0      native  fw#"));
}

static void test_control_characters(void)
{
	g_auto(Result) result = { 0 };

	world_hook("/sys/fs/bpf/\033[31m\nred\xff", 5, "fw");
	result = list("", FALSE);
	g_assert_cmpint(result.status, ==, 0);
	g_assert_nonnull(strstr(result.out, "/sys/fs/bpf/?[31m?red"));
	g_assert_null(strchr(result.out, '\033'));
}

static void assert_string(JsonObject *object, const char *member, const char *expected)
{
	g_assert_cmpstr(json_object_get_string_member(object, member), ==, expected);
}

static void check_json(JsonObject *hook, int map, int program, int capture)
{
	JsonArray *slots = json_object_get_array_member(hook, "slots");
	JsonArray *programs = json_object_get_array_member(hook, "programs");
	JsonArray *devices = json_object_get_array_member(hook, "devices");
	JsonObject *slot = json_array_get_object_element(slots, XDP_DROP);
	JsonObject *device;

	assert_string(hook, "path", "/sys/fs/bpf/a \"b\"");
	assert_string(hook, "name", "a \"b\"");
	assert_string(hook, "interface", "xdp:/sys/fs/bpf/a%20\"b\"");
	g_assert_cmpint(json_object_get_int_member(hook, "map_id"), ==, world_map_id(map));
	g_assert_cmpuint(json_array_get_length(slots), ==, 5);
	assert_string(slot, "action", "DROP");
	assert_string(json_object_get_object_member(slot, "program"), "name", "capture");
	g_assert_cmpint(
		json_object_get_int_member(json_object_get_object_member(slot, "program"), "id"),
		==, world_program_id(capture));
	slot = json_array_get_object_element(slots, XDP_PASS);
	assert_string(slot, "action", "PASS");
	g_assert_true(json_object_get_null_member(slot, "program"));
	g_assert_cmpuint(json_array_get_length(programs), ==, 1);
	assert_string(json_array_get_object_element(programs, 0), "name", "fw");
	g_assert_cmpint(
		json_object_get_int_member(json_array_get_object_element(programs, 0), "id"), ==,
		world_program_id(program));
	g_assert_cmpuint(json_array_get_length(devices), ==, 1);
	device = json_array_get_object_element(devices, 0);
	assert_string(device, "name", "xh0");
	assert_string(device, "mac", "02:00:00:00:00:2a");
	g_assert_cmpint(json_object_get_int_member(device, "ifindex"), ==, if_nametoindex("xh0"));
	g_assert_true(json_object_get_boolean_member(device, "own_netns"));
	g_assert_true(json_object_get_null_member(device, "netns"));
	g_assert_cmpint(json_object_get_int_member(device, "speed"), ==, 10000000000);
	assert_string(device, "kind", "veth");
	assert_string(device, "link_type", "EN10MB");
	g_assert_true(json_object_get_boolean_member(device, "rx_vlan_offload"));
}

/* The program on the device, which is a point of its own. */
static void check_program_json(JsonObject *point, int program)
{
	JsonObject *found =
		json_array_get_object_element(json_object_get_array_member(point, "programs"), 0);
	JsonObject *device =
		json_array_get_object_element(json_object_get_array_member(point, "devices"), 0);
	g_autoptr(GDateTime) loaded = NULL;

	assert_string(point, "source", "xdp-prog");
	assert_string(point, "address", "xh0");
	assert_string(point, "interface", "xdp-prog:xh0");
	assert_string(point, "hook", "/sys/fs/bpf/a \"b\"");
	g_assert_true(json_object_get_null_member(point, "path"));
	g_assert_true(json_object_get_null_member(point, "dispatcher"));
	assert_string(device, "mode", "native");
	assert_string(found, "name", "fw");
	g_assert_cmpint(json_object_get_int_member(found, "id"), ==, world_program_id(program));
	g_assert_cmpuint(strlen(json_object_get_string_member(found, "tag")), ==, 16);
	g_assert_false(json_object_get_boolean_member(found, "btf"));
	g_assert_false(json_object_get_boolean_member(found, "frags"));
	g_assert_false(json_object_get_boolean_member(found, "tail_calls"));
	loaded = g_date_time_new_from_iso8601(json_object_get_string_member(found, "loaded"), NULL);
	g_assert_nonnull(loaded);
	g_assert_cmpint(ABS(g_date_time_to_unix(loaded) - g_get_real_time() / G_USEC_PER_SEC), <,
			100);
}

static void test_json(void)
{
	int map = world_array(5);
	int program = world_program("fw", map);
	int capture = world_program("capture", world_array(5));
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) error = NULL;
	g_auto(Result) result = { 0 };
	JsonArray *hooks;

	world_pin(map, "/sys/fs/bpf/a \"b\"");
	world_set_slot(map, XDP_DROP, capture);
	world_veth("xh0", "xh1");
	world_run("ip link set xh0 address 02:00:00:00:00:2a");
	world_attach("xh0", program, 0);
	result = list("--json", FALSE);
	g_assert_cmpint(result.status, ==, 0);
	g_assert_cmpstr(result.error, ==, "");
	json_parser_load_from_data(parser, result.out, -1, &error);
	g_assert_no_error(error);
	hooks = json_node_get_array(json_parser_get_root(parser));
	g_assert_cmpuint(json_array_get_length(hooks), ==, 2);
	check_json(json_array_get_object_element(hooks, 0), map, program, capture);
	check_program_json(json_array_get_object_element(hooks, 1), program);
}

static void test_empty(void)
{
	g_auto(Result) none = list("", FALSE);
	g_auto(Result) json = list("--json", FALSE);
	g_auto(Result) unmounted = { 0 };

	g_assert_cmpint(none.status, ==, 0);
	g_assert_cmpstr(none.out, ==, "");
	g_assert_nonnull(strstr(none.error, "No hooks: no XDP program"));
	g_assert_cmpint(json.status, ==, 0);
	g_assert_cmpstr(json.out, ==, "[]\n");
	g_assert_cmpstr(json.error, ==, "");
	umount2("/sys/fs/bpf", MNT_DETACH);
	unmounted = list("", FALSE);
	g_assert_cmpint(unmounted.status, ==, 0);
	g_assert_nonnull(strstr(unmounted.error, "no bpffs is mounted (mount -t bpf"));
}

static void test_no_permission(void)
{
	g_auto(Result) result = { 0 };

	world_hook("/sys/fs/bpf/fw", 5, "fw");
	result = list("--json", TRUE);
	g_assert_cmpint(result.status, ==, 1);
	g_assert_cmpstr(result.out, ==, "");
	g_assert_true(g_str_has_prefix(result.error, "xdpshark: "));
	g_assert_nonnull(strstr(result.error, "run as root"));
}

static void test_usage(void)
{
	g_auto(Result) option = list("--nonsense", FALSE);
	g_auto(Result) operand = list("eth0", FALSE);
	g_auto(Result) help = list("--help", FALSE);

	g_assert_cmpint(option.status, ==, 2);
	g_assert_nonnull(strstr(option.error, "--nonsense"));
	g_assert_cmpint(operand.status, ==, 2);
	g_assert_nonnull(strstr(operand.error, "\"eth0\""));
	g_assert_cmpint(help.status, ==, 0);
	g_assert_nonnull(strstr(help.out, "[OPTION"));
	g_assert_nonnull(strstr(help.out, "--json"));
}

static const WorldTest tests[] = {
	{ "/list/table-is-aligned", test_table },
	{ "/list/table-obeys-no-name", test_control_characters },
	{ "/list/json-tells-all", test_json },
	{ "/list/says-that-there-is-nothing", test_empty },
	{ "/list/fails-without-permission", test_no_permission },
	{ "/list/tells-wrong-usage", test_usage },
};

int main(int argc, char **argv)
{
	return world_run_tests(argc, argv, tests, G_N_ELEMENTS(tests));
}
