/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "backlog.h"

#include <limits.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Longer than even a busy machine takes; others may load programs meanwhile. */
#define WAITS	 250
#define WAIT_NS	 (2L * 1000 * 1000)
#define NO_COUNT UINT_MAX

static unsigned int waiting; /* programs released since the last wait */
static unsigned int lowest = NO_COUNT;

/* Programs that take up memory, in use or still to be freed; NO_COUNT if the kernel does not show
 * them. */
static unsigned int programs_count(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	unsigned int count = 0;
	char line[512];

	if (!file)
		return NO_COUNT;
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "bpf_prog_alloc") != NULL;
	fclose(file);
	return count;
}

void backlog_add(unsigned int programs)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };
	unsigned int count = 0;

	waiting += programs;
	if (waiting < BACKLOG_MOST)
		return;
	waiting = 0;
	/* Waits for a grace period, after which programs are handed to the workers to be freed. */
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	for (int i = 0; i < WAITS; i++) {
		count = programs_count();
		if (count == NO_COUNT)
			return;
		if (count < lowest)
			lowest = count;
		if (count <= lowest + BACKLOG_MOST)
			return;
		(void)nanosleep(&pause, NULL);
	}
	/* Somebody else has loaded programs. */
	lowest = count;
}
