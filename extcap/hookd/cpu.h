/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's CPUs. Their numbers may have gaps, and not all possible ones need be online.
 */
#ifndef XDPSHARK_CPU_H
#define XDPSHARK_CPU_H

#include <glib.h>

#define CPU_FOLDER "/sys/devices/system/cpu"

/* A record has 16 bits for the number of its CPU. */
#define CPU_NUMBERS 65536

typedef struct {
	guint possible; /* how many there can ever be */
	guint online;	/* how many of them are online now */
	guint end;	/* the number after the last possible one */
} Cpus;

/* Reads the kernel's lists in a folder, which is CPU_FOLDER except in tests. */
gboolean cpus_read(const char *folder, Cpus *ret_cpus, GError **error);

/* Parses a list like "0-3,6": how many CPUs it has, and the number after the last one. FALSE if it
 * is not such a list. */
gboolean cpu_list_parse(const char *text, guint *ret_count, guint *ret_end);

#endif /* XDPSHARK_CPU_H */
