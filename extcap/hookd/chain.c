// SPDX-License-Identifier: GPL-2.0-or-later
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "action.h"

/* Longer than any chain that the kernel would run to its end. */
#define READ_MAX 64

/* Captures may die at any moment, even while dead ones are removed. The kernel then empties their
 * program arrays, so a program may be gone before we look at it. */
#define TIDY_TRIES    10
#define TIDY_PAUSE_US 500

static void clear_occupant(gpointer data)
{
	occupant_clear(data);
}

Chain *chain_read(int hook_fd, guint32 action)
{
	Chain *chain = g_new0(Chain, 1);
	guint32 id = 0;

	chain->action = action;
	chain->occupants = g_array_new(FALSE, FALSE, sizeof(Occupant));
	g_array_set_clear_func(chain->occupants, clear_occupant);
	chain->reason = -occupant_find(hook_fd, action, &id);
	while (chain->reason == 0 && id != 0) {
		Occupant occupant;

		if (chain_find(chain, id) >= 0) {
			chain->repeated = id;
			break;
		}
		if (chain_length(chain) == READ_MAX) {
			chain->reason = E2BIG;
			break;
		}
		occupant_read(&occupant, id, action);
		id = occupant.next;
		chain->reason = occupant.reason;
		g_array_append_val(chain->occupants, occupant);
	}
	return chain;
}

void chain_free(Chain *chain)
{
	if (!chain)
		return;
	g_array_unref(chain->occupants);
	g_free(chain);
}

guint chain_length(const Chain *chain)
{
	return chain->occupants->len;
}

const Occupant *chain_at(const Chain *chain, guint index)
{
	return &g_array_index(chain->occupants, Occupant, index);
}

int chain_find(const Chain *chain, guint32 id)
{
	for (guint i = 0; i < chain_length(chain); i++)
		if (chain_at(chain, i)->id == id)
			return (int)i;
	return -1;
}

const Occupant *chain_foreign(const Chain *chain)
{
	for (guint i = 0; i < chain_length(chain); i++)
		if (!occupant_is_ours(chain_at(chain, i)))
			return chain_at(chain, i);
	return NULL;
}

/* All programs are put in place here. Returns 0 or a negative errno. */
static int set_fd(const ChainHook *hook, int map_fd, guint32 action, int program_fd)
{
	if (lock_is_lost(hook->lock))
		return -ESTALE;
	return bpf_map_update_elem(map_fd, &action, &program_fd, BPF_ANY) == 0 ? 0 : -errno;
}

/* Puts the program with that id into the map, or clears the entry if id is 0. */
static int set_id(const ChainHook *hook, int map_fd, guint32 action, guint32 id)
{
	int fd, result;

	if (id == 0 && lock_is_lost(hook->lock))
		return -ESTALE;
	if (id == 0)
		return bpf_map_delete_elem(map_fd, &action) == 0 || errno == ENOENT ? 0 : -errno;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	result = set_fd(hook, map_fd, action, fd);
	close(fd);
	return result;
}

/* The array from which the program at index is called. */
static int array_before(const ChainHook *hook, const Chain *chain, guint index)
{
	return index == 0 ? hook->hook_fd : chain_at(chain, index - 1)->next_fd;
}

int chain_exchange(const ChainHook *hook, const Chain *chain, guint index, int program_fd)
{
	return set_fd(hook, array_before(hook, chain, index), chain->action, program_fd);
}

/* Makes the program before it, or the slot, go on to the one after it. */
int chain_unlink(const ChainHook *hook, const Chain *chain, guint index)
{
	return set_id(hook, array_before(hook, chain, index), chain->action,
		      chain_at(chain, index)->next);
}

/* Makes the last program go on to nothing. A loop has no end at which a foreign program could
 * be. */
static void open_loop(const ChainHook *hook, const Chain *chain)
{
	Occupant *last = &g_array_index(chain->occupants, Occupant, chain_length(chain) - 1);

	g_warning("hook %s: slot %s: its programs call each other in a loop (program %u comes "
		  "twice): breaking it",
		  hook->path, action_name(chain->action), chain->repeated);
	if (set_id(hook, last->next_fd, chain->action, 0) == 0)
		last->next = 0;
}

static void remove_dead(const ChainHook *hook, const Chain *chain)
{
	/* From the back, so that an unlink never links to a program that is unlinked later. */
	for (guint i = chain_length(chain); i-- > 0;) {
		const Occupant *occupant = chain_at(chain, i);

		if (occupant->state != OCCUPANT_DEAD)
			continue;
		g_message("hook %s: removing program %u (%s) from slot %s: its xdpshark (process "
			  "%u) is gone",
			  hook->path, occupant->id, occupant->name, action_name(chain->action),
			  occupant->pid);
		if (chain_unlink(hook, chain, i) == 0 && i > 0)
			g_array_index(chain->occupants, Occupant, i - 1).next = occupant->next;
	}
}

static gboolean has_dead(const Chain *chain)
{
	for (guint i = 0; i < chain_length(chain); i++)
		if (chain_at(chain, i)->state == OCCUPANT_DEAD)
			return TRUE;
	return FALSE;
}

gboolean chain_is_tidy(const Chain *chain)
{
	return !has_dead(chain) && !chain->repeated && chain->reason != ENOENT;
}

Chain *chain_tidy(const ChainHook *hook, guint32 action)
{
	Chain *chain = chain_read(hook->hook_fd, action);

	for (guint tries = 0; tries < TIDY_TRIES && !chain_is_tidy(chain); tries++) {
		if (chain->repeated)
			open_loop(hook, chain);
		remove_dead(hook, chain);
		chain_free(chain);
		if (tries > 0)
			g_usleep(TIDY_PAUSE_US);
		chain = chain_read(hook->hook_fd, action);
	}
	return chain;
}

/* The arrays of all captures before us are kept open. The kernel empties a program array when its
 * last descriptor is closed, so we would be cut off if one of those captures were killed. Their
 * owners were seen alive while the chain held their arrays, so none was emptied before. Our own
 * array is set first: at any moment a packet finds a complete chain. */
int chain_append(const ChainHook *hook, guint32 action, int program_fd, int next_fd, GArray *held)
{
	g_autoptr(Chain) chain = chain_tidy(hook, action);
	guint32 behind = chain_length(chain) > 0 ? chain_at(chain, 0)->id : 0;
	int place = hook->hook_fd, result;

	if (chain->reason)
		return -chain->reason;
	if (chain->repeated || has_dead(chain))
		return lock_is_lost(hook->lock) ? -ESTALE : -EBUSY;
	for (guint i = 0; i < chain_length(chain) && occupant_is_ours(chain_at(chain, i)); i++) {
		int copy = fcntl(chain_at(chain, i)->next_fd, F_DUPFD_CLOEXEC, 0);

		if (copy < 0)
			return -errno;
		g_array_append_val(held, copy);
		place = copy;
		behind = chain_at(chain, i)->next;
	}
	result = set_id(hook, next_fd, action, behind);
	return result == 0 ? set_fd(hook, place, action, program_fd) : result;
}
