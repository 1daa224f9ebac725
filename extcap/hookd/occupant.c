// SPDX-License-Identifier: GPL-2.0-or-later
#include "occupant.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "monotonic.h"

/* Where the reader's process cannot be seen (another pid namespace), only its heartbeat tells that
 * it lives. A reader looks at its rings ten times a second at least. */
#define HEARTBEAT_LIMIT_NS (10 * G_GUINT64_CONSTANT(1000000000))

/* Names of maps in bpf/capture.bpf.c. */
#define CONTROL_MAP "xdpshark_ctl"
#define NEXT_MAP    "xdpshark_next"

static guint64 process_start_time(guint32 pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%u/stat", pid);
	g_autofree char *text = NULL;
	g_auto(GStrv) fields = NULL;
	const char *end;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	/* Field 2, the name in parentheses, may hold anything: count from behind it. proc(5):
	 * starttime is field 22. */
	end = strrchr(text, ')');
	if (!end || end[1] != ' ')
		return 0;
	/* One that has ended, and that nobody has waited for yet. */
	if (end[2] == 'Z' || end[2] == 'X')
		return 0;
	fields = g_strsplit(end + 2, " ", -1);
	return g_strv_length(fields) > 22 - 3 ? g_ascii_strtoull(fields[22 - 3], NULL, 10) : 0;
}

static guint64 pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static gboolean is_dead(const struct xdpshark_control *control)
{
	if (control->pid_namespace == pid_namespace())
		return process_start_time(control->pid) != control->start_time;
	return monotonic_now() > control->heartbeat + HEARTBEAT_LIMIT_NS;
}

/* Takes what is of interest from one of the program's maps. TRUE if the map was kept. */
static gboolean read_map(Occupant *occupant, int fd, guint32 action,
			 struct xdpshark_control *control)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info), zero = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return FALSE;
	if (strcmp(info.name, CONTROL_MAP) == 0 && info.type == BPF_MAP_TYPE_ARRAY &&
	    info.value_size == sizeof(*control) && bpf_map_lookup_elem(fd, &zero, control) == 0)
		return FALSE;
	if (strcmp(info.name, NEXT_MAP) != 0 || info.type != BPF_MAP_TYPE_PROG_ARRAY ||
	    occupant->next_fd >= 0)
		return FALSE;
	occupant->next_fd = fd;
	if (bpf_map_lookup_elem(fd, &action, &occupant->next) < 0)
		occupant->next = 0;
	return TRUE;
}

void occupant_read(Occupant *occupant, guint32 id, guint32 action)
{
	guint32 map_ids[16];
	struct bpf_prog_info info = { .map_ids = (uintptr_t)map_ids,
				      .nr_map_ids = G_N_ELEMENTS(map_ids) };
	struct xdpshark_control control = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	*occupant = (Occupant){ .id = id, .next_fd = -1 };
	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0) {
		g_strlcpy(occupant->name, info.name, sizeof(occupant->name));
		for (guint32 i = 0; i < MIN(info.nr_map_ids, G_N_ELEMENTS(map_ids)); i++) {
			int map = bpf_map_get_fd_by_id(map_ids[i]);

			if (map >= 0 && !read_map(occupant, map, action, &control))
				close(map);
		}
	}
	if (fd >= 0)
		close(fd);
	occupant->ours = control.magic == XDPSHARK_CONTROL_MAGIC && occupant->next_fd >= 0;
	occupant->pid = control.pid;
	occupant->dead = occupant->ours && is_dead(&control);
	if (!occupant->ours)
		occupant_clear(occupant);
}

void occupant_clear(Occupant *occupant)
{
	if (occupant->next_fd >= 0)
		close(occupant->next_fd);
	occupant->next_fd = -1;
	occupant->next = 0;
}

void occupant_describe_self(struct xdpshark_control *control)
{
	*control = (struct xdpshark_control){
		.magic = XDPSHARK_CONTROL_MAGIC,
		.heartbeat = monotonic_now(),
		.pid = getpid(),
		.start_time = process_start_time(getpid()),
		.pid_namespace = pid_namespace(),
	};
}
