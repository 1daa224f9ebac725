/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark doctor": whether captures are possible here, and for whom; what is missing,
 * what that costs, and what to do about it. xdpshark-hookd tries out the kernel.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "command.h"
#include "finding.h"
#include "hookd_file.h"
#include "json.h"
#include "terminal.h"
#include "tshark.h"
#include "vlan_note.h"

static const char *const answers[ANSWER_COUNT] = { "no", "yes", "unknown" };

/* What the checks look at. */
typedef struct {
	Tshark tshark;
	GPtrArray *findings; /* Finding *, from xdpshark-hookd; NULL if it cannot be asked */
	GError *error;	     /* why not */
	char *hookd;	     /* its path */
	Broker *broker;
} Patient;

/* Appends what was found to detail. */
typedef Answer (*Probe)(const Patient *patient, GString *detail);

typedef enum {
	CHECK_REQUIRED = 1, /* no capture without it */
	CHECK_MATTERS = 2,  /* captures are worse without it */
	CHECK_PRIVILEGE =
		4, /* if the answer is no, the reason may be that our user may not capture */
	CHECK_TROUBLE = 8, /* only shown if the answer is no: of no interest on most machines */
} CheckFlags;

typedef struct {
	const char *name; /* for programs; without a probe, also the name of the finding */
	const char *what;
	CheckFlags flags;
	Probe probe;
	const char *cost;
	const char *remedy; /* NULL: as for a user who may not capture */
} Check;

static Answer probe_wireshark(const Patient *patient, GString *detail)
{
	if (!patient->tshark.version)
		return ANSWER_NO;
	g_string_append(detail, patient->tshark.version);
	return ANSWER_YES;
}

/* Looks for a file in Wireshark's folders. detail gets its path, or where it was looked for. */
static Answer find_file(const Patient *patient, const GPtrArray *folders, const char *name,
			int mode, GString *detail)
{
	if (!patient->tshark.version)
		return ANSWER_UNKNOWN;
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

static Answer probe_extcap(const Patient *patient, GString *detail)
{
	return find_file(patient, patient->tshark.extcaps, "xdpshark", X_OK, detail);
}

static Answer probe_plugin(const Patient *patient, GString *detail)
{
	return find_file(patient, patient->tshark.plugins, "xdp.so", R_OK, detail);
}

/* If xdpshark-hookd cannot be asked, the answer is no, for that reason. */
static Answer probe_capture(const Patient *patient, GString *detail)
{
	const Finding *finding = finding_find(patient->findings, FINDING_CAPTURE);

	if (finding)
		g_string_append(detail, finding->detail);
	else if (patient->error)
		g_string_append(detail, patient->error->message);
	return finding ? finding->answer : ANSWER_NO;
}

static Answer probe_vlan(const Patient *patient, GString *detail)
{
	g_autoptr(GPtrArray) points = broker_list_points(patient->broker, &source_hook, NULL);

	for (guint i = 0; points && i < points->len; i++) {
		g_autofree char *note = vlan_note(g_ptr_array_index(points, i));

		if (note)
			g_string_append_printf(detail, "%s%s", detail->len > 0 ? "; " : "", note);
	}
	if (!points)
		return ANSWER_UNKNOWN;
	return detail->len > 0 ? ANSWER_NO : ANSWER_YES;
}

/* Points that are named of each reason. */
#define NAMED_MAX 4

typedef struct {
	char *reason;
	GString *points;
	guint count;
} Refused;

static void refused_free(gpointer data)
{
	Refused *refused = data;

	g_string_free(refused->points, TRUE);
	g_free(refused->reason);
	g_free(refused);
}

static Refused *refused_for(GPtrArray *all, const char *reason)
{
	Refused *refused;

	for (guint i = 0; i < all->len; i++) {
		refused = g_ptr_array_index(all, i);
		if (strcmp(refused->reason, reason) == 0)
			return refused;
	}
	refused = g_new0(Refused, 1);
	refused->reason = g_strdup(reason);
	refused->points = g_string_new(NULL);
	g_ptr_array_add(all, refused);
	return refused;
}

/* By reason, what cannot be captured. What can be by its hook is none of them. */
static GPtrArray *find_refused(const GPtrArray *points)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(refused_free);

	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);
		g_autofree char *typed = NULL;
		Refused *refused;

		if (!point->refusal || point->hook)
			continue;
		typed = point_typed(point);
		refused = refused_for(all, point->refusal);
		if (refused->count++ < NAMED_MAX)
			g_string_append_printf(refused->points, "%s%s",
					       refused->points->len > 0 ? ", " : "", typed);
	}
	return all;
}

static Answer probe_programs(const Patient *patient, GString *detail)
{
	g_autoptr(GPtrArray) points = broker_list_points(patient->broker, NULL, NULL);
	g_autoptr(GPtrArray) all = NULL;

	if (!points)
		return ANSWER_UNKNOWN;
	if (points->len == 0)
		g_string_assign(detail, "there are none now");
	all = find_refused(points);
	for (guint i = 0; i < all->len; i++) {
		const Refused *refused = g_ptr_array_index(all, i);

		g_string_append_printf(detail, "%s%s", i > 0 ? "; " : "", refused->points->str);
		if (refused->count > NAMED_MAX)
			g_string_append_printf(detail, " and %u more", refused->count - NAMED_MAX);
		g_string_append_printf(detail, ": %s", refused->reason);
	}
	return all->len > 0 ? ANSWER_NO : ANSWER_YES;
}

static const Check checks[] = {
	{ FINDING_LOAD, "xdpshark-hookd may load BPF programs", 0, NULL,
	  "nothing can be captured, and some of what captures need cannot be tried", NULL },
	{ FINDING_BPFFS, "a bpffs is mounted", CHECK_REQUIRED, NULL,
	  "there is no hook: hooks are pinned there",
	  BPFFS_REMEDY "; inside of 'ip netns exec', which hides it, "
		       "use 'nsenter --net=/run/netns/NAME' instead" },
	{ FINDING_WALK, "xdpshark-hookd may list the programs of the machine", CHECK_MATTERS, NULL,
	  "it is not known which programs and devices use a hook", NULL },
	{ FINDING_RINGBUF, "ring buffers", CHECK_MATTERS, NULL, "nothing can be captured",
	  "use Linux 5.8 or later" },
	{ FINDING_CAPTURE, "xdpshark-hookd loads the capture programs",
	  CHECK_REQUIRED | CHECK_PRIVILEGE, probe_capture, "nothing can be captured",
	  "see the reason above, and docs/security.md" },
	{ FINDING_JIT, "programs are compiled to machine code", CHECK_MATTERS, NULL,
	  "each packet takes several times longer", "sysctl net.core.bpf_jit_enable=1" },
	{ FINDING_FRAGS, "frames in fragments", CHECK_MATTERS, NULL,
	  "frames that do not fit into a page (jumbo frames) never reach an XDP program",
	  "use Linux 5.18 or later" },
	{ FINDING_LOAD_BYTES, "bpf_xdp_load_bytes", 0, NULL,
	  "packets are copied with bpf_probe_read_kernel, which does the same but for fragments",
	  "nothing needs to be done; Linux 5.18 has it" },
	{ FINDING_BTF, "the kernel describes its types (BTF)", 0, NULL,
	  "programs that watch others (fentry, fexit) cannot be loaded; captures from hooks do "
	  "without",
	  "use a kernel with CONFIG_DEBUG_INFO_BTF" },
	{ FINDING_TRACING, "programs that watch others (fentry, fexit)", 0, NULL,
	  "XDP programs without a hook cannot be captured (xdp-prog:DEVICE), nor those of tc "
	  "(tc:DEVICE); captures from hooks do without",
	  "use a kernel that lets them be loaded, or give the program a hook" },
	{ FINDING_DISPATCHER, "the kernel's function that calls all XDP programs can be watched", 0,
	  NULL,
	  "XDP programs that were loaded without BTF cannot be captured (xdp-prog:DEVICE); "
	  "captures "
	  "from hooks do without",
	  "load them with BTF (clang -g), or use Linux 6.2 or later" },
	{ FINDING_EXT, "programs that replace a part of others (freplace)", 0, NULL,
	  "libxdp cannot put several programs on a device; captures from hooks do without",
	  "use a kernel that lets them be loaded" },
	{ "programs", "all XDP and tc programs on devices can be captured", 0, probe_programs,
	  "these cannot be captured; all others can", "as each reason says" },
	{ FINDING_DROPS, "programs that see what the kernel drops (tp_btf)", 0, NULL,
	  "packets that the kernel drops cannot be captured (kernel:drops); captures from hooks do "
	  "without",
	  "use a kernel with CONFIG_DEBUG_INFO_BTF that lets them be loaded" },
	{ FINDING_FUNCTIONS, "programs that see what the kernel's functions get", 0, NULL,
	  "of the kernel's own points only drops and tracepoints can be captured, no functions "
	  "(kernel:FUNCTION)",
	  "use a kernel that allows fentry or kprobe.multi (Linux 5.18 with CONFIG_FPROBE)" },
	{ "vlan", "VLAN tags reach the XDP programs of all hooks", CHECK_TROUBLE, probe_vlan,
	  "capture filters with vlan match nothing there; all others work as usual",
	  "the ethtool line above, where such filters are wanted" },
	{ "wireshark", "Wireshark is here, as tshark says", 0, probe_wireshark,
	  "captures can only go to files and pipes, and Wireshark's folders are not known",
	  "install wireshark or tshark" },
	{ "extcap", "Wireshark finds xdpshark", CHECK_MATTERS, probe_extcap,
	  "Wireshark and tshark list no hooks",
	  "install xdpshark for this Wireshark, or link it into one of these folders" },
	{ "plugin", "Wireshark finds the dissector xdp", CHECK_MATTERS, probe_plugin,
	  "Wireshark has no fields xdp.action, xdp.hook and so on; comments have the same "
	  "information",
	  "build and install xdpshark with this Wireshark's headers (wireshark-dev)" },
};

typedef struct {
	Answer answer;
	GString *detail;
	char *remedy; /* if the answer is no */
} Result;

static void result_clear(Result *result)
{
	g_string_free(result->detail, TRUE);
	g_free(result->remedy);
}

/* Whether our user may not capture. */
static gboolean is_denied(const Patient *patient)
{
	const Finding *load = finding_find(patient->findings, FINDING_LOAD);

	return load ? load->answer == ANSWER_NO
		    : g_error_matches(patient->error, BROKER_ERROR, BROKER_ERROR_PERMISSION);
}

static Result run_check(const Patient *patient, const Check *check)
{
	const Finding *finding = finding_find(patient->findings, check->name);
	Result result = { .answer = ANSWER_UNKNOWN, .detail = g_string_new(NULL) };

	if (check->probe) {
		result.answer = check->probe(patient, result.detail);
	} else if (finding) {
		result.answer = finding->answer;
		g_string_append(result.detail, finding->detail);
	}
	if (result.answer == ANSWER_NO)
		result.remedy =
			check->remedy && !(check->flags & CHECK_PRIVILEGE && is_denied(patient))
				? g_strdup(check->remedy)
				: hookd_file_remedy(patient->hookd);
	return result;
}

/* In the order in which they are printed. */
typedef enum { RANK_REQUIRED, RANK_MATTERS, RANK_REST, RANK_COUNT, RANK_NONE = RANK_COUNT } Rank;

static const char *const rank_titles[RANK_COUNT] = { "Missing", "Missing, but captures do without",
						     "The rest" };

static Rank rank(const Check *check, const Result *result)
{
	if (result->answer != ANSWER_NO)
		return check->flags & CHECK_TROUBLE ? RANK_NONE : RANK_REST;
	if (check->flags & CHECK_REQUIRED)
		return RANK_REQUIRED;
	return check->flags & CHECK_MATTERS ? RANK_MATTERS : RANK_REST;
}

static void print_result(const Check *check, const Result *result)
{
	terminal_print(stdout, "%-8s %s%s%s\n", answers[result->answer], check->what,
		       result->detail->len > 0 ? ": " : "", result->detail->str);
	if (result->answer != ANSWER_NO)
		return;
	terminal_print(stdout, "         without it: %s\n", check->cost);
	terminal_print(stdout, "         what to do: %s\n", result->remedy);
}

/* First whether captures are possible, then what is missing and matters, then the rest. */
static void print_results(const Patient *patient, const Result *results, gboolean possible)
{
	g_autofree char *users = hookd_file_users(patient->hookd);

	printf("Captures are %spossible.\n", possible ? "" : "not ");
	terminal_print(stdout, "Who may capture: %s.\n", users);
	for (guint ranked = 0; ranked < RANK_COUNT; ranked++) {
		gboolean titled = FALSE;

		for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
			if (rank(&checks[i], &results[i]) != ranked)
				continue;
			if (!titled)
				printf("\n%s:\n", rank_titles[ranked]);
			titled = TRUE;
			print_result(&checks[i], &results[i]);
		}
	}
}

static void json_add_check(JsonBuilder *builder, const Check *check, const Result *result)
{
	gboolean missing = result->answer == ANSWER_NO;

	json_builder_begin_object(builder);
	json_add_string(builder, "name", check->name);
	json_add_string(builder, "what", check->what);
	json_builder_set_member_name(builder, "answer");
	if (result->answer == ANSWER_UNKNOWN)
		json_builder_add_null_value(builder);
	else
		json_builder_add_boolean_value(builder, result->answer == ANSWER_YES);
	json_add_boolean(builder, "required", (check->flags & CHECK_REQUIRED) != 0);
	json_add_string(builder, "detail", result->detail->len > 0 ? result->detail->str : NULL);
	json_add_string(builder, "cost", missing ? check->cost : NULL);
	json_add_string(builder, "remedy", result->remedy);
	json_builder_end_object(builder);
}

static void print_json(const Result *results)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
		if (rank(&checks[i], &results[i]) != RANK_NONE)
			json_add_check(builder, &checks[i], &results[i]);
	json_builder_end_array(builder);
	text = json_format(builder, TRUE);
	puts(text);
}

/* Whether captures are possible. */
static gboolean examine(gboolean json)
{
	Patient patient = { .hookd = hookd_file_path(), .broker = broker_new() };
	Result results[G_N_ELEMENTS(checks)];
	gboolean possible = TRUE;

	tshark_ask(&patient.tshark);
	patient.findings = broker_examine(patient.broker, NULL, &patient.error);
	for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
		results[i] = run_check(&patient, &checks[i]);
		possible &= !(checks[i].flags & CHECK_REQUIRED) || results[i].answer == ANSWER_YES;
	}
	if (json)
		print_json(results);
	else
		print_results(&patient, results, possible);
	for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
		result_clear(&results[i]);
	tshark_clear(&patient.tshark);
	g_clear_pointer(&patient.findings, g_ptr_array_unref);
	g_clear_error(&patient.error);
	g_clear_pointer(&patient.broker, broker_free);
	g_free(patient.hookd);
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
	static const char summary[] =
		"Says whether captures are possible on this machine, what is missing, and "
		"what to do.\nThe exit status is 0 if captures are possible, 1 if not.";

	if (!command_parse(argc, argv, entries, summary))
		return EXIT_STATUS_USAGE;
	return examine(json) ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}
