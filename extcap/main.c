// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program xdpshark: Wireshark calls it with --extcap-... arguments, people with a command.
 */
#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "descriptor.h"
#include "extcap.h"
#include "log.h"
#include "remote_filter.h"
#include "sink.h"
#include "terminal.h"
#include "version.h"

typedef struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} Command;

static const Command commands[] = {
#ifdef XDPSHARK_CLIENT_ONLY
	{ "list", list_command, "List the XDP hooks of another host" },
	{ "capture", capture_command, "Capture packets from hooks of other hosts" },
	{ "filter", remote_filter_command, "Show what another host makes of a capture filter" },
#else
	{ "list", list_command, "List the XDP hooks of this machine, or of another host" },
	{ "capture", capture_command, "Capture packets from one or several hooks" },
	{ "stat", stat_command, "Count packets by action, without copying them" },
	{ "filter", filter_command, "Show what a capture filter compiles to, or try it on a file" },
	{ "doctor", doctor_command, "Check whether this machine can capture, and what is missing" },
#endif
};

#ifdef XDPSHARK_CLIENT_ONLY
static const char examples[] =
	"  xdpshark list ssh://web1\n"
	"  xdpshark capture ssh://web1/sys/fs/bpf/fw -n -a drop udp port 53\n"
	"  xdpshark capture ssh://web1/sys/fs/bpf/fw -w fw.pcapng --duration 60\n";
static const char interfaces_listed[] = "other hosts are an interface there";
#else
static const char examples[] = "  xdpshark list\n"
			       "  xdpshark capture eth0 -n -a drop udp port 53\n"
			       "  xdpshark capture /sys/fs/bpf/fw -w fw.pcapng --duration 60\n";
static const char interfaces_listed[] = "they list each hook as an interface";
#endif

static void print_help(void)
{
	printf("Usage: xdpshark COMMAND [OPTION...]\n\n"
	       "Shows packets at XDP, with what the XDP program did to them.\n\nCommands:\n");
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	printf("\nExamples:\n%s\n'xdpshark COMMAND --help' and 'man xdpshark' say more; --version "
	       "says what it is "
	       "built with.\n"
	       "Wireshark and tshark run this program by themselves: %s.\n",
	       examples, interfaces_listed);
}

/* Output may only turn out to be lost when it is flushed: on a full disk, say. */
static void finish_output(void)
{
	int reason = fflush(stdout) == 0 ? 0 : errno;
	gboolean failed = reason != 0 || ferror(stdout);

	/* EPIPE: `| head` has seen enough. */
	if (failed && reason != EPIPE)
		g_printerr("xdpshark: cannot write to standard output%s%s\n", reason ? ": " : "",
			   reason ? g_strerror(reason) : "");
	sink_finish();
	if (failed)
		_exit(EXIT_STATUS_FAILED);
}

static int run_command(const Command *command, int argc, char **argv)
{
	g_autofree char *name = g_strdup_printf("xdpshark %s", command->name);

	/* For --help. */
	g_set_prgname(name);
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	descriptor_fill_standard();
	atexit(finish_output);
	setlocale(LC_ALL, "");
	terminal_tame_errors();
	/* A write then fails instead when the reader goes away or the file reaches its size
	 * limit. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	g_set_prgname("xdpshark");

	if (extcap_is_called(argc, argv)) {
		log_begin(FALSE);
		return extcap_main(argc, argv);
	}
	log_begin(TRUE);
	if (argc < 2) {
		print_help();
		return EXIT_STATUS_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		version_print();
		return EXIT_STATUS_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help();
		return EXIT_STATUS_OK;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	g_printerr("xdpshark: there is no command '%s': see 'xdpshark --help'\n", argv[1]);
	return EXIT_STATUS_USAGE;
}
