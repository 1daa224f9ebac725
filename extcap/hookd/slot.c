// SPDX-License-Identifier: GPL-2.0-or-later
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "action.h"
#include "occupant.h"
#include "quota.h"

G_DEFINE_QUARK(xdpshark_slot_error, slot_error)

/* The kernel allows 33 tail calls after a program (MAX_TAIL_CALL_CNT): some are left for the user's
 * own. */
#define CHAIN_MAX 28

/* Somebody else who holds the lock so long is not an xdpshark at work. */
#define LOCK_LIMIT_MS 3000

/* The programs in a slot, from the front; Occupant. The last one may be foreign. */
typedef GArray Chain;

static void clear_occupant(gpointer data)
{
	occupant_clear(data);
}

static guint32 read_id(int map_fd, guint32 index)
{
	guint32 id = 0;

	return bpf_map_lookup_elem(map_fd, &index, &id) == 0 ? id : 0;
}

static Chain *chain_read(int hook_fd, guint32 action)
{
	Chain *chain = g_array_new(FALSE, FALSE, sizeof(Occupant));
	guint32 id = read_id(hook_fd, action);

	g_array_set_clear_func(chain, clear_occupant);
	while (id != 0 && chain->len <= CHAIN_MAX) {
		Occupant occupant;

		occupant_read(&occupant, id, action);
		id = occupant.next;
		g_array_append_val(chain, occupant);
	}
	return chain;
}

static const Occupant *chain_at(const Chain *chain, guint index)
{
	return &g_array_index(chain, Occupant, index);
}

/* Makes the place of map_fd hold the program with that id, or nothing for 0. Returns 0 or a
 * negative errno. */
static int put(int map_fd, guint32 action, guint32 id)
{
	int fd, result;

	if (id == 0)
		return bpf_map_delete_elem(map_fd, &action) == 0 || errno == ENOENT ? 0 : -errno;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	result = bpf_map_update_elem(map_fd, &action, &fd, BPF_ANY) == 0 ? 0 : -errno;
	close(fd);
	return result;
}

/* Takes one program out of the chain: the one before it, or the slot, goes on to the one behind it.
 */
static int chain_unlink(const Chain *chain, guint index, int hook_fd, guint32 action)
{
	int before = index == 0 ? hook_fd : chain_at(chain, index - 1)->next_fd;

	return put(before, action, chain_at(chain, index)->next);
}

/* Removes the programs of captures that have ended. TRUE if there were any. */
static gboolean chain_clean(int hook_fd, const char *path, guint32 action)
{
	g_autoptr(GArray) chain = chain_read(hook_fd, action);
	gboolean found = FALSE;

	/* From the back, so that what an unlink writes is never of a program that is unlinked
	 * later. */
	for (guint i = chain->len; i-- > 0;) {
		Occupant *occupant = &g_array_index(chain, Occupant, i);

		if (!occupant->dead)
			continue;
		found = TRUE;
		g_message("hook %s: removing program %u (%s) from slot %s: its xdpshark (process "
			  "%u) is gone",
			  path, occupant->id, occupant->name, action_name(action), occupant->pid);
		if (chain_unlink(chain, i, hook_fd, action) == 0 && i > 0)
			g_array_index(chain, Occupant, i - 1).next = occupant->next;
	}
	return found;
}

static gboolean check_chain(int hook_fd, const char *path, guint32 action, gboolean share_foreign,
			    GError **error)
{
	g_autoptr(GArray) chain = chain_read(hook_fd, action);

	for (guint i = 0; i < chain->len && !share_foreign; i++) {
		const Occupant *occupant = chain_at(chain, i);

		if (occupant->ours)
			continue;
		g_set_error(
			error, SLOT_ERROR, SLOT_ERROR_TAKEN,
			"hook %s: its slot %s holds program %u (%s), which is not xdpshark's: end "
			"the "
			"capture that put it there, capture other actions, or pass --share-foreign",
			path, action_name(action), occupant->id,
			occupant->name[0] ? occupant->name : "unnamed");
		return FALSE;
	}
	if (chain->len < quota_places(CHAIN_MAX))
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_TAKEN,
		    "hook %s: its slot %s has %u captures already, and %s: stop one of them, or "
		    "capture other actions",
		    path, action_name(action), chain->len,
		    chain->len < CHAIN_MAX ? "the places that are left are root's"
					   : "the kernel allows no more");
	return FALSE;
}

/* Held while chains are changed, on the folder of the pin; it dies with its holder. -1 if it could
 * not be had in time: somebody else holds it. */
static int lock_hook(const char *path, guint limit_ms)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	gint64 deadline = g_get_monotonic_time() + (gint64)limit_ms * 1000;

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (g_get_monotonic_time() < deadline) {
			g_usleep(2000);
			continue;
		}
		close(fd);
		fd = -1;
	}
	return fd;
}

static void unlock_hook(int lock)
{
	if (lock >= 0)
		close(lock);
}

static gboolean claim_locked(int hook_fd, const char *path, guint actions, gboolean share_foreign,
			     GError **error)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		if (!(actions >> action & 1))
			continue;
		chain_clean(hook_fd, path, action);
		if (!check_chain(hook_fd, path, action, share_foreign, error))
			return FALSE;
	}
	return TRUE;
}

static int lock_or_error(const char *path, GError **error)
{
	int lock = lock_hook(path, LOCK_LIMIT_MS);

	if (lock < 0)
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: its folder has been locked (flock) by another program for %d "
			    "s: end that one",
			    path, LOCK_LIMIT_MS / 1000);
	return lock;
}

gboolean slot_claim(int hook_fd, const char *path, guint actions, gboolean share_foreign,
		    GError **error)
{
	int lock = lock_or_error(path, error);
	gboolean free = lock >= 0 && claim_locked(hook_fd, path, actions, share_foreign, error);

	unlock_hook(lock);
	return free;
}

gboolean slot_sign(int control_fd, GError **error)
{
	guint32 zero = 0;
	struct xdpshark_control control;

	occupant_describe_self(&control);
	if (bpf_map_update_elem(control_fd, &zero, &control, BPF_ANY) == 0)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "cannot write the capture's control map: %s", g_strerror(errno));
	return FALSE;
}

/* Appends our program behind the last of xdpshark's, before a foreign one. In this order a packet
 * always finds a whole chain. The arrays of all before us are kept open: the kernel empties a
 * program array when the last descriptor for it is closed, and should one of them be killed, we
 * would be cut off. */
static int append(int hook_fd, const ProgramSet *set, guint32 action, GArray *held)
{
	g_autoptr(GArray) chain = chain_read(hook_fd, action);
	int fd = program_set_fd(set, action), place = hook_fd, result;
	guint32 behind = read_id(hook_fd, action);

	for (guint i = 0; i < chain->len && chain_at(chain, i)->ours; i++) {
		int copy = fcntl(chain_at(chain, i)->next_fd, F_DUPFD_CLOEXEC, 0);

		if (copy < 0)
			return -errno;
		g_array_append_val(held, copy);
		place = copy;
		behind = chain_at(chain, i)->next;
	}
	result = put(program_set_next(set), action, behind);
	if (result == 0 && bpf_map_update_elem(place, &action, &fd, BPF_ANY) < 0)
		result = -errno;
	return result;
}

static void release_locked(int hook_fd, const char *path, const ProgramSet *set)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		g_autoptr(GArray) chain = ours ? chain_read(hook_fd, action) : NULL;
		guint place = 0;
		int result = 0;

		while (chain && place < chain->len && chain_at(chain, place)->id != ours)
			place++;
		if (!chain || chain->len == 0)
			continue;
		if (place < chain->len)
			result = chain_unlink(chain, place, hook_fd, action);
		else
			g_warning("hook %s: slot %s holds program %u (%s) now, which is not ours: "
				  "left alone",
				  path, action_name(action), chain_at(chain, 0)->id,
				  chain_at(chain, 0)->name);
		if (result < 0)
			g_warning("hook %s: cannot give back slot %s: %s", path,
				  action_name(action), g_strerror(-result));
	}
}

static gboolean fill_locked(int hook_fd, const char *path, const ProgramSet *set,
			    gboolean share_foreign, GArray *held, GError **error)
{
	guint actions = 0;

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (program_set_fd(set, action) >= 0)
			actions |= 1U << action;
	/* Loading took a while: look again. */
	if (!claim_locked(hook_fd, path, actions, share_foreign, error))
		return FALSE;
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		int result = actions >> action & 1 ? append(hook_fd, set, action, held) : 0;

		if (result == 0)
			continue;
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: the kernel refuses our program for slot %s: %s", path,
			    action_name(action), g_strerror(-result));
		release_locked(hook_fd, path, set);
		return FALSE;
	}
	return TRUE;
}

gboolean slot_fill(int hook_fd, const char *path, const ProgramSet *set, gboolean share_foreign,
		   GArray *held, GError **error)
{
	int lock = lock_or_error(path, error);
	gboolean filled = lock >= 0 && fill_locked(hook_fd, path, set, share_foreign, held, error);

	unlock_hook(lock);
	return filled;
}

void slot_release(int hook_fd, const char *path, const ProgramSet *set)
{
	/* Without the lock, too: to leave is more important. */
	int lock = lock_hook(path, LOCK_LIMIT_MS);

	release_locked(hook_fd, path, set);
	unlock_hook(lock);
}

static gboolean chain_is_ours(const Chain *chain)
{
	for (guint i = 0; i < chain->len; i++)
		if (!chain_at(chain, i)->ours)
			return FALSE;
	return TRUE;
}

static gboolean chain_contains(const Chain *chain, guint32 id)
{
	for (guint i = 0; i < chain->len; i++)
		if (chain_at(chain, i)->id == id)
			return TRUE;
	return FALSE;
}

static guint32 map_id(int map_fd)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map_fd, &info, &size) == 0 ? info.id : 0;
}

/* Closes what is held of captures that are in no chain any more: through it the kernel would keep
 * the programs that came behind them, and their rings, as long as we live. */
static void release_held(int hook_fd, const ProgramSet *set, GArray *held)
{
	g_autoptr(GHashTable) arrays = g_hash_table_new(NULL, NULL);

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		g_autoptr(GArray) chain = ours ? chain_read(hook_fd, action) : NULL;

		for (guint i = 0; chain && i < chain->len; i++)
			g_hash_table_add(arrays,
					 GUINT_TO_POINTER(map_id(chain_at(chain, i)->next_fd)));
	}
	for (guint i = held->len; i-- > 0;) {
		int fd = g_array_index(held, int, i);

		if (g_hash_table_contains(arrays, GUINT_TO_POINTER(map_id(fd))))
			continue;
		close(fd);
		g_array_remove_index_fast(held, i);
	}
}

void slot_mend(int hook_fd, const char *path, const ProgramSet *set, GArray *held)
{
	/* Who has the lock is mending, too, or there is another time. */
	int lock = lock_hook(path, 0);

	for (guint32 action = 0; lock >= 0 && action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		gboolean cut = ours && chain_clean(hook_fd, path, action);
		g_autoptr(GArray) chain = ours ? chain_read(hook_fd, action) : NULL;

		if (!chain || chain_contains(chain, ours) || !chain_is_ours(chain))
			continue;
		/* An empty slot may be somebody's wish, but not where a dead program was in it. */
		if (cut || chain->len > 0)
			append(hook_fd, set, action, held);
	}
	if (lock >= 0 && held->len > 0)
		release_held(hook_fd, set, held);
	unlock_hook(lock);
}
