// SPDX-License-Identifier: GPL-2.0-or-later
#include "version.h"

#include <glib.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "hookd_file.h"
#include "option.h"
#include "terminal.h"

/* CMake's variables as they are: empty where a thing is not there, or not wanted. */
static const struct {
	const char *name;
	const char *value;
} built_with[] = {
	{ "libpcap", XDPSHARK_BUILT_LIBPCAP }, { "libbpf", XDPSHARK_BUILT_LIBBPF },
	{ "GLib", XDPSHARK_BUILT_GLIB },       { "Wireshark", XDPSHARK_BUILT_WIRESHARK },
	{ "zlib", XDPSHARK_BUILT_ZLIB },       { "zstd", XDPSHARK_BUILT_ZSTD },
};

static void print_built(void)
{
	printf("built with:");
	for (gsize i = 0; i < G_N_ELEMENTS(built_with); i++)
		printf("%s %s %s", i == 0 ? "" : ",", built_with[i].name,
		       *built_with[i].value ? built_with[i].value : "none");
	printf("\n");
}

static void print_features(void)
{
	OptionValues values;

	option_defaults(&values);
	printf("features: %s, --verdict %s",
	       *XDPSHARK_BUILT_WIRESHARK ? "dissector" : "no dissector",
	       values.verdict == OPTION_VERDICT_ON ? "on" : "off");
	if (*XDPSHARK_BUILT_GROUP)
		printf(", capture group " XDPSHARK_BUILT_GROUP);
	if (*XDPSHARK_BUILT_SANITIZERS)
		printf(", sanitizers");
	printf("\n");
	option_clear(&values);
}

void version_print(void)
{
#ifndef XDPSHARK_CLIENT_ONLY
	g_autofree char *hookd = hookd_file_path();
#else
	static const char hookd[] = "none: captures from other hosts only";
#endif

	printf("xdpshark " XDPSHARK_VERSION "\n");
	print_built();
	printf("runs with: %s, GLib %u.%u.%u\n", pcap_lib_version(), glib_major_version,
	       glib_minor_version, glib_micro_version);
	print_features();
	terminal_print(stdout, "privileged part: %s\n", hookd);
}
