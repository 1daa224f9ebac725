// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench filter: the code that libcbpf makes of capture filters, beside clang's of the same filters
 * in C (filters.bpf.c) and beside the kernel's own of the same classic programs, on sockets.
 * docs/performance.md explains the columns.
 */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "corpus.h"
#include "filter.h"
#include "rig.h"
#include "trial.h"

#define GOAL	1.3
#define SKIPPED 77

typedef struct {
	guint8 bytes[128];
	gsize size;
} Frame;

/* What happens on a network: each common filter matches some of them and not the others. */
static const struct {
	guint16 ethertype;
	guint8 protocol, net, fragment;
	guint16 from, to;
} kinds[] = {
	{ 0x0800, 6, 10, 0, 40000, 80 },   { 0x0800, 6, 192, 0, 443, 50000 },
	{ 0x0800, 17, 10, 0, 33000, 53 },  { 0x0800, 17, 192, 0, 53, 6010 },
	{ 0x0800, 17, 172, 1, 80, 53 },	   { 0x0800, 1, 192, 0, 0x800, 0 },
	{ 0x0806, 0, 10, 0, 0, 0 },	   { 0x86dd, 6, 0x20, 0, 40000, 80 },
	{ 0x86dd, 17, 0x20, 0, 6000, 53 }, { 0x86dd, 58, 0x20, 0, 0x8700, 0 },
};

/* The filters that are in filters.bpf.c, too. */
static const struct {
	const char *expression, *function;
} common[] = {
	{ "tcp port 80", "tcp_port" },
	{ "udp port 53", "udp_port" },
	{ "host 10.0.0.1", "host" },
	{ "net 192.168.0.0/16", "net" },
	{ "icmp", "icmp" },
	{ "ip6 and tcp", "ip6_tcp" },
	{ "portrange 6000-6063", "portrange" },
	{ "tcp[tcpflags] & tcp-syn != 0", "syn" },
	{ "ether host 02:00:00:00:00:01", "ether_host" },
	{ "arp", "arp" },
};

/* In place of the corpus where there is none. */
static const char *const others[] = {
	"",
	"ip",
	"tcp",
	"udp",
	"port 53",
	"not port 22",
	"src host 10.0.0.1",
	"dst net 10.0.0.0/8",
	"host 10.0.0.1 and port 80",
	"tcp src port 443",
	"tcp portrange 1-1023",
	"ip[8] < 5",
	"ip[6:2] & 0x1fff != 0",
	"udp[10:2] & 0x8000 != 0",
	"tcp[13] = 2",
	"icmp[icmptype] = icmp-echo",
	"icmp6",
	"ip6 host 2000::1",
	"ether broadcast",
	"ether multicast",
	"vlan",
	"vlan and host 10.0.0.1",
	"mpls",
	"less 100",
	"greater 1000",
	"ip6 protochain 6",
	"tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
	"host 10.0.0.1 or host 10.0.0.2 or host 10.0.0.3 or host 10.0.0.4",
	"port 80 or port 443 or port 8080 or port 8443",
	"(tcp or udp) and not net 192.168.0.0/16",
	"ip proto 47",
	"llc",
};

/* Who runs the filter. */
typedef enum { OURS, CLANG, KERNEL, RUNNERS } Runner;

/* A filter, and what is measured of it: means over the frames. */
typedef struct {
	guint emitted[RUNNERS];
	gdouble executed[RUNNERS];
	gdouble times[RUNNERS]; /* ns; NAN if it cannot be measured */
	gdouble nothing;	/* the same of what takes 0 ns */
} Figures;

typedef struct {
	Frame frames[G_N_ELEMENTS(kinds)];
	struct bpf_object *object;
	Trial *empty;
	Listeners *listeners;
	guint rounds, count;
	guint wrong;	    /* results that are not those of the others */
	gdouble resolution; /* ns: the most that nothing was measured to take */
} Bench;

/* The bytes behind the Ethernet header. */
static void fill_ip4(guint8 *ip, guint kind)
{
	ip[0] = 0x45;
	ip[3] = 50;
	ip[7] = kinds[kind].fragment;
	ip[8] = 64;
	ip[9] = kinds[kind].protocol;
	for (guint i = 12; i < 20; i += 4)
		memcpy(ip + i,
		       (const guint8[]){ kinds[kind].net, kinds[kind].net == 192 ? 168 : 0, 0,
					 (guint8)(i / 4 - 2) },
		       4);
}

static void frame_fill(Frame *frame, guint kind)
{
	static const guint8 macs[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	static const guint8 arp[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	const guint16 ports[] = { GUINT16_TO_BE(kinds[kind].from), GUINT16_TO_BE(kinds[kind].to) };
	const guint16 ethertype = GUINT16_TO_BE(kinds[kind].ethertype);
	guint8 *network = frame->bytes + 14;
	guint8 *transport = network + 20;

	frame->size = 100;
	memcpy(frame->bytes, macs, sizeof(macs));
	/* Half of them are for another device. */
	frame->bytes[11] = kind % 2 ? 1 : 3;
	memcpy(frame->bytes + 12, &ethertype, 2);
	if (kinds[kind].ethertype == 0x0806) {
		memcpy(network, arp, sizeof(arp));
		memcpy(network + 14, (const guint8[]){ 10, 0, 0, 1 }, 4);
		memcpy(network + 24, (const guint8[]){ 10, 0, 0, 2 }, 4);
		return;
	}
	if (kinds[kind].ethertype == 0x86dd) {
		network[0] = 0x60;
		network[5] = 46;
		network[6] = kinds[kind].protocol;
		network[8] = network[24] = kinds[kind].net;
		transport = network + 40;
	} else {
		fill_ip4(network, kind);
	}
	memcpy(transport, ports, sizeof(ports));
	if (kinds[kind].protocol == 6) {
		transport[12] = 0x50;
		transport[13] = kinds[kind].to == 80 ? 2 : 0x10; /* SYN; ACK */
	}
}

/* Clang's code of one function of filters.bpf.c. */
static Trial *trial_open(const Bench *bench, const char *function)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(bench->object, function);

	if (!program)
		g_error("no function %s in %s", function, FILTERS_OBJECT);
	return trial_new(bpf_program__insns(program), bpf_program__insn_cnt(program));
}

/* Times are the least of the rounds, in which all take turns, less what a filter that does nothing
 * takes: they are a few cycles, far less than what other work on the machine adds at times. */
static void measure_frame(Bench *bench, Trial *const trials[], Listeners *listeners,
			  const Frame *frame, Figures *figures)
{
	gdouble least[RUNNERS] = { INFINITY, INFINITY, INFINITY }, none = INFINITY,
		again = INFINITY, unheard = INFINITY;
	guint32 values[RUNNERS] = { 0 }, ignored;
	guint sent = MAX(1, bench->count / 20);

	for (guint round = 0; round < bench->rounds; round++) {
		none = fmin(none, trial_time(bench->empty, frame->bytes, frame->size, bench->count,
					     &ignored));
		for (Runner runner = OURS; runner <= CLANG; runner++)
			if (trials[runner])
				least[runner] =
					fmin(least[runner],
					     trial_time(trials[runner], frame->bytes, frame->size,
							bench->count, &values[runner]));
		again = fmin(again, trial_time(bench->empty, frame->bytes, frame->size,
					       bench->count, &ignored));
		unheard = fmin(unheard,
			       listeners_time(bench->listeners, frame->bytes, frame->size, sent));
		if (listeners)
			least[KERNEL] = fmin(least[KERNEL], listeners_time(listeners, frame->bytes,
									   frame->size, sent));
	}
	for (Runner runner = OURS; runner <= CLANG; runner++) {
		guint32 counted;

		if (!trials[runner])
			continue;
		figures->executed[runner] +=
			(gdouble)trial_steps(trials[runner], frame->bytes, frame->size, &counted) /
			G_N_ELEMENTS(kinds);
		bench->wrong += counted != values[runner] || values[runner] != values[OURS];
	}
	for (Runner runner = OURS; runner <= CLANG; runner++)
		figures->times[runner] +=
			isinf(least[runner]) ? NAN : (least[runner] - none) / G_N_ELEMENTS(kinds);
	figures->nothing += (again - none) / G_N_ELEMENTS(kinds);
	figures->times[KERNEL] +=
		listeners ? (least[KERNEL] - unheard) /
				    listeners_copies(listeners, frame->bytes, frame->size) /
				    G_N_ELEMENTS(kinds)
			  : NAN;
}

/* FALSE if the filter has no meaning at XDP. function: of filters.bpf.c, or NULL. */
static gboolean measure(Bench *bench, Listeners *listeners, const struct sock_filter *code,
			gsize length, const char *function, Figures *figures)
{
	g_autoptr(Trial) ours = trial_compile(code, length);
	g_autoptr(Trial) clang = function ? trial_open(bench, function) : NULL;
	Trial *const trials[RUNNERS] = { ours, clang, NULL };

	memset(figures, 0, sizeof(*figures));
	if (!ours)
		return FALSE;
	/* Backward jumps are not for sockets. */
	if (!listeners_attach(listeners, code, length))
		listeners = NULL;
	figures->emitted[OURS] = (guint)trial_length(ours);
	figures->emitted[CLANG] = clang ? (guint)trial_length(clang) : 0;
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		measure_frame(bench, trials, listeners, &bench->frames[i], figures);
	bench->resolution = fmax(bench->resolution, fabs(figures->nothing));
	return TRUE;
}

static Filter *compile(const char *expression)
{
	g_autoptr(GError) error = NULL;
	Filter *filter = filter_compile(expression, LINK_ETHERNET, FILTER_NETMASK_UNKNOWN,
					FILTER_OPTIMIZE_IF_QUICK, &error);

	if (!filter)
		g_error("%s: %s", expression, error->message);
	return filter;
}

static void run_common(Bench *bench, Listeners *listeners)
{
	gdouble ratios[G_N_ELEMENTS(common)], steps[G_N_ELEMENTS(common)];

	printf("%-30s %17s %17s %26s %7s\n%-30s %8s %8s %8s %8s %8s %8s %8s %7s\n", "", "emitted",
	       "executed", "ns", "ns", "", "ours", "clang", "ours", "clang", "ours", "clang",
	       "kernel", "ratio");
	for (guint i = 0; i < G_N_ELEMENTS(common); i++) {
		g_autoptr(Filter) filter = compile(common[i].expression);
		Figures figures;

		if (!measure(bench, listeners, filter->code, filter->length, common[i].function,
			     &figures))
			g_error("%s is refused", common[i].expression);
		ratios[i] = figures.times[OURS] / figures.times[CLANG];
		steps[i] = figures.executed[OURS] / figures.executed[CLANG];
		printf("%-30s %8u %8u %8.1f %8.1f %8.2f %8.2f %8.2f %7.2f\n", common[i].expression,
		       figures.emitted[OURS], figures.emitted[CLANG], figures.executed[OURS],
		       figures.executed[CLANG], figures.times[OURS], figures.times[CLANG],
		       figures.times[KERNEL], ratios[i]);
	}
	gdouble ratio = rig_median(ratios, G_N_ELEMENTS(common));
	printf("\nours / clang, median: executed %.2f, ns %.2f  goal %.1f  %s\n",
	       rig_median(steps, G_N_ELEMENTS(common)), ratio, GOAL,
	       ratio <= GOAL ? "met" : "missed");
	printf("a function that returns at once, against itself: %.2f ns at most\n\n",
	       bench->resolution);
}

/* Median and 95th of a hundred, of those that were measured. */
static void print_shares(const char *title, const GArray *values)
{
	g_autofree gdouble *sorted = g_new(gdouble, values->len + 1);
	guint count = 0;

	for (guint i = 0; i < values->len; i++)
		if (!isnan(g_array_index(values, gdouble, i)))
			sorted[count++] = g_array_index(values, gdouble, i);
	if (count == 0)
		return;
	gdouble median = rig_median(sorted, count);
	printf("%-36s %8u %10.2f %10.2f\n", title, count, median, sorted[(count - 1) * 95 / 100]);
}

/* The figures of many filters. */
typedef enum { EMITTED, EXECUTED, TIME_OURS, TIME_KERNEL, SERIES } Series;

static void add_figures(GArray *const series[SERIES], const Figures *figures)
{
	const gdouble values[SERIES] = {
		[EMITTED] = figures->emitted[OURS],
		[EXECUTED] = figures->executed[OURS],
		/* Where the kernel refuses a filter there is nothing to compare. */
		[TIME_OURS] = isnan(figures->times[KERNEL]) ? NAN : figures->times[OURS],
		[TIME_KERNEL] = figures->times[KERNEL],
	};

	for (Series which = EMITTED; which < SERIES; which++)
		g_array_append_val(series[which], values[which]);
}

/* The corpus's classic programs, made by libpcap's optimiser, or those of the list. */
static GPtrArray *read_programs(const char **source)
{
	g_autofree char *folder = corpus_folder();
	g_autoptr(GError) error = NULL;
	GPtrArray *programs = folder ? corpus_filters(folder, "opt", 0, &error) : NULL;

	if (folder && !programs)
		g_error("the corpus: %s", error->message);
	*source = programs ? "the corpus's filters" : "filters of a list";
	if (programs)
		return programs;
	programs = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(Filter) filter = compile(others[i]);
		Program *program = g_new0(Program, 1);

		program->length = filter->length;
		program->code = g_steal_pointer(&filter->code);
		g_ptr_array_add(programs, program);
	}
	return programs;
}

static void run_many(Bench *bench, Listeners *listeners, guint most)
{
	static const char *const titles[SERIES] = {
		"instructions emitted",
		"instructions executed",
		"ns",
		"ns, the kernel on a socket",
	};
	const char *source;
	g_autoptr(GPtrArray) programs = read_programs(&source);
	GArray *series[SERIES];
	guint step = MAX(1, programs->len / MAX(1, most));

	for (Series which = EMITTED; which < SERIES; which++)
		series[which] = g_array_new(FALSE, FALSE, sizeof(gdouble));
	for (guint i = 0; i < programs->len; i += step) {
		const Program *program = g_ptr_array_index(programs, i);
		Figures figures;

		if (measure(bench, listeners, program->code, program->length, NULL, &figures))
			add_figures(series, &figures);
	}
	printf("%-36s %8s %10s %10s\n", source, "filters", "median", "p95");
	for (Series which = EMITTED; which < SERIES; which++) {
		print_shares(titles[which], series[which]);
		g_array_unref(series[which]);
	}
}

static void setup(Bench *bench)
{
	static const struct sock_filter none[] = { { BPF_RET | BPF_K, 0, 0, 0 } };

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL) != 1) {
		printf("SKIP: needs root, to load programs\n");
		exit(SKIPPED);
	}
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		frame_fill(&bench->frames[i], i);
	bench->object = bpf_object__open_file(FILTERS_OBJECT, NULL);
	bench->empty = trial_compile(none, G_N_ELEMENTS(none));
	bench->listeners = listeners_new();
	if (!bench->object || !bench->empty ||
	    !listeners_attach(bench->listeners, none, G_N_ELEMENTS(none)))
		g_error("cannot set up");
}

int main(int argc, char **argv)
{
	gint rounds = 15, count = 5000, cpu = 0, most = G_MAXINT;
	const GOptionEntry entries[] = {
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (15)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "Runs a round (5000)", "N" },
		{ "filters", 'f', 0, G_OPTION_ARG_INT, &most, "About so many of the corpus (all)",
		  "N" },
		{ "cpu", 0, 0, G_OPTION_ARG_INT, &cpu, "CPU to run on (0)", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	Bench bench = { 0 };

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	bench.rounds = (guint)MAX(rounds, 1);
	bench.count = (guint)MAX(count, 1);
	rig_pin((guint)cpu);
	setup(&bench);
	{
		g_autoptr(Listeners) listeners = listeners_new();

		run_common(&bench, listeners);
		/* There are so many that their noise goes out by itself. */
		bench.rounds = MAX(1, bench.rounds / 5);
		run_many(&bench, listeners, (guint)most);
	}
	printf("\nresults that differ between kernel, interpreter and clang: %u\n", bench.wrong);
	listeners_free(bench.listeners);
	trial_free(bench.empty);
	bpf_object__close(bench.object);
	return bench.wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
