// SPDX-License-Identifier: GPL-2.0-or-later
#include "gate.h"

#include <glib-unix.h>
#include <unistd.h>

#define PART 4096

/* A pipe, which is full when nobody has read. */
void gate_open(Gate *ret_gate)
{
	int ends[2];

	*ret_gate = (Gate){ .fd = -1, .far = -1 };
	if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		g_unix_set_fd_nonblocking(ends[i], TRUE, NULL);
	ret_gate->far = ends[0];
	ret_gate->fd = ends[1];
}

void gate_close(Gate *gate)
{
	if (gate->fd >= 0)
		close(gate->fd);
	if (gate->far >= 0)
		close(gate->far);
}

void gate_set_full(Gate *gate, gboolean full)
{
	static char bytes[PART];

	if (full == gate->full)
		return;
	gate->full = full;
	if (full)
		while (write(gate->fd, bytes, sizeof(bytes)) > 0)
			;
	else
		while (read(gate->far, bytes, sizeof(bytes)) > 0)
			;
}
