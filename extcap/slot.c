// SPDX-License-Identifier: GPL-2.0-or-later
#include "slot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "action.h"
#include "clock.h"

G_DEFINE_QUARK(xdpshark_slot_error, slot_error)

/* Where the reader's process cannot be seen (another pid namespace), only its heartbeat tells that
 * it lives. A reader looks at its rings ten times a second at least. */
#define HEARTBEAT_LIMIT_NS (10 * G_GUINT64_CONSTANT(1000000000))

/* Name of the control map in bpf/capture.bpf.c. */
#define CONTROL_MAP "xdpshark_ctl"

typedef struct {
	char name[BPF_OBJ_NAME_LEN];
	gboolean ours; /* has a control map of our layout: then control is filled */
	struct xdpshark_control control;
} Occupant;

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
	fields = g_strsplit(end + 2, " ", -1);
	return g_strv_length(fields) > 22 - 3 ? g_ascii_strtoull(fields[22 - 3], NULL, 10) : 0;
}

static guint64 pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static gboolean read_control(const guint32 *map_ids, guint32 count,
			     struct xdpshark_control *control)
{
	for (guint32 i = 0; i < count; i++) {
		struct bpf_map_info info = {};
		guint32 size = sizeof(info), zero = 0;
		int fd = bpf_map_get_fd_by_id(map_ids[i]);
		gboolean found;

		if (fd < 0)
			continue;
		found = bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
			strcmp(info.name, CONTROL_MAP) == 0 && info.type == BPF_MAP_TYPE_ARRAY &&
			info.value_size == sizeof(*control) &&
			bpf_map_lookup_elem(fd, &zero, control) == 0 &&
			control->magic == XDPSHARK_CONTROL_MAGIC;
		close(fd);
		if (found)
			return TRUE;
	}
	return FALSE;
}

static void occupant_read(guint32 id, Occupant *occupant)
{
	guint32 map_ids[16];
	struct bpf_prog_info info = { .map_ids = (uintptr_t)map_ids,
				      .nr_map_ids = G_N_ELEMENTS(map_ids) };
	guint32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	memset(occupant, 0, sizeof(*occupant));
	if (fd < 0)
		return;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0) {
		g_strlcpy(occupant->name, info.name, sizeof(occupant->name));
		occupant->ours = read_control(map_ids, MIN(info.nr_map_ids, G_N_ELEMENTS(map_ids)),
					      &occupant->control);
	}
	close(fd);
}

static gboolean occupant_is_dead(const Occupant *occupant)
{
	const struct xdpshark_control *control = &occupant->control;

	if (control->pid_namespace == pid_namespace())
		return process_start_time(control->pid) != control->start_time;
	return clock_monotonic() > control->heartbeat + HEARTBEAT_LIMIT_NS;
}

/* The id of the program in a slot, 0 if it is empty. */
static guint32 slot_read(int hook_fd, guint32 slot)
{
	guint32 id = 0;

	return bpf_map_lookup_elem(hook_fd, &slot, &id) == 0 ? id : 0;
}

static gboolean slot_claim_one(int hook_fd, const char *path, guint32 slot, GError **error)
{
	guint32 id = slot_read(hook_fd, slot);
	Occupant occupant;

	if (id == 0)
		return TRUE;
	occupant_read(id, &occupant);
	if (!occupant.ours) {
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_TAKEN,
			    "hook %s: its slot %s holds program %u (%s), which is not xdpshark's: "
			    "end the capture "
			    "that put it there, or capture other actions",
			    path, action_name(slot), id,
			    occupant.name[0] ? occupant.name : "unnamed");
		return FALSE;
	}
	if (!occupant_is_dead(&occupant)) {
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_TAKEN,
			    "hook %s is in use: its slot %s holds program %u (%s) of the capture "
			    "of process %u: "
			    "stop that capture first, or capture other actions",
			    path, action_name(slot), id, occupant.name, occupant.control.pid);
		return FALSE;
	}
	if (slot_read(hook_fd, slot) != id)
		return slot_claim_one(hook_fd, path, slot, error);
	g_message(
		"hook %s: removing program %u (%s) from slot %s: its xdpshark (process %u) is gone",
		path, id, occupant.name, action_name(slot), occupant.control.pid);
	if (bpf_map_delete_elem(hook_fd, &slot) == 0 || errno == ENOENT)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "hook %s: cannot empty slot %s of what a dead xdpshark left: %s", path,
		    action_name(slot), g_strerror(errno));
	return FALSE;
}

gboolean slot_claim(int hook_fd, const char *path, guint actions, GError **error)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++)
		if (actions >> action & 1 && !slot_claim_one(hook_fd, path, action, error))
			return FALSE;
	return TRUE;
}

gboolean slot_sign(int control_fd, GError **error)
{
	guint32 zero = 0;
	const struct xdpshark_control control = {
		.magic = XDPSHARK_CONTROL_MAGIC,
		.heartbeat = clock_monotonic(),
		.pid = getpid(),
		.start_time = process_start_time(getpid()),
		.pid_namespace = pid_namespace(),
	};

	if (bpf_map_update_elem(control_fd, &zero, &control, BPF_ANY) == 0)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "cannot write the capture's control map: %s", g_strerror(errno));
	return FALSE;
}

gboolean slot_fill(int hook_fd, const char *path, const ProgramSet *set, GError **error)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		int fd = program_set_fd(set, action);

		if (fd < 0 || bpf_map_update_elem(hook_fd, &action, &fd, BPF_ANY) == 0)
			continue;
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: the kernel refuses our program for slot %s: %s", path,
			    action_name(action), g_strerror(errno));
		slot_release(hook_fd, path, set);
		return FALSE;
	}
	return TRUE;
}

void slot_release(int hook_fd, const char *path, const ProgramSet *set)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 id, ours = program_set_id(set, action);

		if (ours == 0)
			continue;
		id = slot_read(hook_fd, action);
		if (id == ours && bpf_map_delete_elem(hook_fd, &action) < 0 && errno != ENOENT)
			g_warning("hook %s: cannot empty slot %s: %s", path, action_name(action),
				  g_strerror(errno));
		else if (id != ours && id != 0)
			g_warning("hook %s: slot %s holds program %u now, which is not ours: left "
				  "alone",
				  path, action_name(action), id);
	}
}
