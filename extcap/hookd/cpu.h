/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's CPUs: their numbers may have gaps, and not all that there may be are online.
 */
#ifndef XDPSHARK_CPU_H
#define XDPSHARK_CPU_H

#include <glib.h>

#define CPU_FOLDER "/sys/devices/system/cpu"

/* A record holds the number of its CPU in 16 bits. */
#define CPU_NUMBERS 65536

typedef struct {
	guint possible; /* how many there may be, ever */
	guint online;	/* how many of them are, now */
	guint end;	/* the number after the last possible one */
} Cpus;

/* Reads the kernel's lists in a folder, CPU_FOLDER but for tests. */
gboolean cpus_read(const char *folder, Cpus *ret_cpus, GError **error);

/* Counts the CPUs of a list like "0-3,6" and says which number comes after the last one. FALSE if
 * it is no such list. */
gboolean cpu_list_parse(const char *text, guint *ret_count, guint *ret_end);

#endif /* XDPSHARK_CPU_H */
