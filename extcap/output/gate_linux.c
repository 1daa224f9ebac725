// SPDX-License-Identifier: GPL-2.0-or-later
#include "gate.h"

#include <sys/eventfd.h>
#include <unistd.h>

/* The largest value of an eventfd, at which it is not writable. */
#define FULL (G_MAXUINT64 - 1)

void gate_open(Gate *ret_gate)
{
	*ret_gate = (Gate){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .far = -1 };
}

void gate_close(Gate *gate)
{
	if (gate->fd >= 0)
		close(gate->fd);
}

void gate_set_full(Gate *gate, gboolean full)
{
	guint64 value = FULL;

	if (full == gate->full)
		return;
	gate->full = full;
	if (full)
		(void)!write(gate->fd, &value, sizeof(value));
	else
		(void)!read(gate->fd, &value, sizeof(value));
}
