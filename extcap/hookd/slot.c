// SPDX-License-Identifier: GPL-2.0-or-later
#include "slot.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "action.h"
#include "chain.h"
#include "hook_map.h"
#include "lock.h"
#include "quota.h"

G_DEFINE_QUARK(xdpshark_slot_error, slot_error)

/* How often we may lose the lock before we give up. */
#define TRIES_MAX 3

/* Looks after having left without the lock. */
#define UNLOCKED_LOOKS	  3
#define UNLOCKED_PAUSE_US 5000

gboolean slot_is_frozen(const SlotHook *hook)
{
	return hook_map_is_frozen(hook->fd);
}

/* Why the kernel refuses to change a slot. */
static const char *reason_of(const SlotHook *hook, int code)
{
	if (code == EPERM && slot_is_frozen(hook))
		return "its map is frozen, and nobody can change it any more";
	return g_strerror(code);
}

static ChainHook changing(const SlotHook *hook, const Lock *lock)
{
	return (ChainHook){ .hook_fd = hook->fd, .path = hook->path, .lock = lock };
}

static gboolean refuse_foreign(const SlotHook *hook, const Chain *chain, GError **error)
{
	const Occupant *foreign = chain_foreign(chain);

	g_set_error(error, SLOT_ERROR, SLOT_ERROR_TAKEN,
		    "hook %s: its slot %s holds program %u (%s), which is not xdpshark's: end the "
		    "capture that put it there, capture other actions, or pass --share-foreign",
		    hook->path, action_name(chain->action), foreign->id,
		    foreign->name[0] ? foreign->name : "unnamed");
	return FALSE;
}

static gboolean check_chain(const SlotHook *hook, const Chain *chain, GError **error)
{
	const char *slot = action_name(chain->action);

	if (chain->repeated)
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: the programs in its slot %s call each other in a loop "
			    "(program %u comes twice), which cannot be broken: end all captures on "
			    "it",
			    hook->path, slot, chain->repeated);
	else if (chain->reason)
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: cannot find out whose the programs in its slot %s are: %s",
			    hook->path, slot, g_strerror(chain->reason));
	else if (chain_length(chain) >= quota_places(CHAIN_MAX))
		g_set_error(
			error, SLOT_ERROR, SLOT_ERROR_TAKEN,
			"hook %s: its slot %s has %u captures already, and %s: stop one of them, "
			"or capture other actions",
			hook->path, slot, chain_length(chain),
			chain_length(chain) < CHAIN_MAX
				? "the remaining places are reserved for root"
				: "the kernel allows no more");
	else
		return !chain_foreign(chain) || hook->share_foreign ||
		       refuse_foreign(hook, chain, error);
	return FALSE;
}

static gboolean claim_locked(const SlotHook *hook, guint actions, const Lock *lock, GError **error)
{
	const ChainHook changed = changing(hook, lock);

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		g_autoptr(Chain) chain = NULL;

		if (!(actions >> action & 1))
			continue;
		chain = chain_tidy(&changed, action);
		if (!check_chain(hook, chain, error))
			return FALSE;
	}
	return TRUE;
}

gboolean slot_claim(const SlotHook *hook, guint actions, GError **error)
{
	g_autoptr(Lock) lock = lock_take(hook->map_id, hook->path, LOCK_COMING, error);

	return lock && claim_locked(hook, actions, lock, error);
}

static guint actions_of(const ProgramSet *set)
{
	guint actions = 0;

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (program_set_fd(set, action) >= 0)
			actions |= 1U << action;
	return actions;
}

/* A program called twice for a packet would capture it twice, and a chain that leads back to one of
 * ours would never end. */
static gboolean check_absent(const SlotHook *hook, const ProgramSet *set, GError **error)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		g_autoptr(Chain) chain = chain_read(hook->fd, action);

		for (guint own = 0; own < XDPSHARK_ACTIONS; own++) {
			guint32 id = program_set_id(set, own);

			if (id == 0 || chain_find(chain, id) < 0)
				continue;
			g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
				    "hook %s: its slot %s holds program %u of this capture already",
				    hook->path, action_name(action), id);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean append_all(const SlotHook *hook, const ProgramSet *set, const Lock *lock,
			   GArray *held, GError **error)
{
	const ChainHook changed = changing(hook, lock);
	guint actions = actions_of(set);

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		int result = actions >> action & 1
				     ? chain_append(&changed, action, program_set_fd(set, action),
						    program_set_next(set), held)
				     : 0;

		if (result == 0)
			continue;
		g_set_error(error, SLOT_ERROR,
			    result == -ESTALE ? SLOT_ERROR_STALE : SLOT_ERROR_FAILED,
			    "hook %s: the kernel refuses our program for slot %s: %s", hook->path,
			    action_name(action), reason_of(hook, -result));
		return FALSE;
	}
	return TRUE;
}

static gboolean fill_once(const SlotHook *hook, const ProgramSet *set, GArray *held, GError **error)
{
	Lock *lock = lock_take(hook->map_id, hook->path, LOCK_COMING, error);
	/* Check again: loading took a while. */
	gboolean clear = lock && check_absent(hook, set, error) &&
			 claim_locked(hook, actions_of(set), lock, error);
	gboolean filled = clear && append_all(hook, set, lock, held, error);

	lock_release(lock);
	if (clear && !filled)
		slot_release(hook, set);
	return filled;
}

gboolean slot_fill(const SlotHook *hook, const ProgramSet *set, GArray *held, GError **error)
{
	g_autoptr(GError) failure = NULL;

	for (guint tries = 0; tries < TRIES_MAX; tries++) {
		g_clear_error(&failure);
		if (fill_once(hook, set, held, &failure))
			return TRUE;
		if (!g_error_matches(failure, SLOT_ERROR, SLOT_ERROR_STALE))
			break;
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

/* Takes our program out. Returns 0 if it is gone, or a negative errno if it may still be there. */
static int release_action(const ChainHook *hook, guint32 action, guint32 ours)
{
	g_autoptr(Chain) chain =
		hook->lock ? chain_tidy(hook, action) : chain_read(hook->hook_fd, action);
	int place = chain_find(chain, ours);

	if (place >= 0)
		return chain->repeated ? -ELOOP : chain_unlink(hook, chain, (guint)place);
	if (chain->reason)
		return -chain->reason;
	if (chain_length(chain) > 0)
		g_warning("hook %s: slot %s holds program %u (%s) now, which is not ours: left "
			  "alone",
			  hook->path, action_name(action), chain_at(chain, 0)->id,
			  chain_at(chain, 0)->name);
	return 0;
}

/* Takes our programs for these actions out. Returns the actions whose slots may still hold them. */
static guint release_actions(const SlotHook *hook, const ProgramSet *set, guint actions,
			     const Lock *lock)
{
	const ChainHook changed = changing(hook, lock);
	guint left = 0;

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		int result =
			ours && actions >> action & 1 ? release_action(&changed, action, ours) : 0;

		if (result == 0)
			continue;
		left |= 1U << action;
		if (result != -ESTALE)
			g_warning("hook %s: cannot give back slot %s: %s", hook->path,
				  action_name(action), reason_of(hook, -result));
	}
	return left;
}

/* The actions whose slots hold our program. */
static guint actions_held(const SlotHook *hook, const ProgramSet *set)
{
	guint held = 0;

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		g_autoptr(Chain) chain = ours ? chain_read(hook->fd, action) : NULL;

		if (chain && chain_find(chain, ours) >= 0)
			held |= 1U << action;
	}
	return held;
}

/* Leaving is more important than the lock. Others who change the chain at the same time may put our
 * program back, from what they had read before: looking again detects that. */
static guint release_unlocked(const SlotHook *hook, const ProgramSet *set)
{
	guint left = release_actions(hook, set, actions_of(set), NULL);

	for (guint looks = 0; looks < UNLOCKED_LOOKS; looks++) {
		guint held;

		g_usleep(UNLOCKED_PAUSE_US);
		held = actions_held(hook, set);
		if (held)
			left = (left & ~held) | release_actions(hook, set, held, NULL);
	}
	return left;
}

guint slot_release(const SlotHook *hook, const ProgramSet *set)
{
	guint left = actions_of(set);

	for (guint tries = 0; tries < TRIES_MAX && left; tries++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Lock) lock = lock_take(hook->map_id, hook->path, LOCK_LEAVING, &error);

		if (!lock) {
			g_warning("%s (leaving without)", error->message);
			return release_unlocked(hook, set);
		}
		left = release_actions(hook, set, left, lock);
		if (!lock_is_lost(lock))
			break;
	}
	return left;
}

/* Returns 0, also if there is nothing to do any more, or a negative errno. */
static int exchange_action(const ChainHook *hook, guint32 action, const ProgramSet *old,
			   const ProgramSet *set, GArray *held)
{
	guint32 from = program_set_id(old, action), to = program_set_id(set, action);
	g_autoptr(Chain) chain = chain_tidy(hook, action);
	int place = from ? chain_find(chain, from) : -1;

	if (chain->reason || chain->repeated)
		return chain->reason ? -chain->reason : -ELOOP;
	if (to && chain_find(chain, to) >= 0)
		return 0;
	if (place >= 0)
		return to ? chain_exchange(hook, chain, (guint)place, program_set_fd(set, action))
			  : chain_unlink(hook, chain, (guint)place);
	if (to && !from)
		return chain_append(hook, action, program_set_fd(set, action),
				    program_set_next(set), held);
	return 0;
}

static gboolean exchange_all(const SlotHook *hook, const ProgramSet *old, const ProgramSet *set,
			     GArray *held, const Lock *lock, GError **error)
{
	const ChainHook changed = changing(hook, lock);

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		int result = exchange_action(&changed, action, old, set, held);

		if (result == 0)
			continue;
		g_set_error(error, SLOT_ERROR,
			    result == -ESTALE ? SLOT_ERROR_STALE : SLOT_ERROR_FAILED,
			    "hook %s: the kernel refuses another program of ours for slot %s: %s",
			    hook->path, action_name(action), reason_of(hook, -result));
		return FALSE;
	}
	return TRUE;
}

static gboolean exchange_once(const SlotHook *hook, const ProgramSet *old, const ProgramSet *set,
			      GArray *held, gboolean *ret_begun, GError **error)
{
	g_autoptr(Lock) lock = lock_take(hook->map_id, hook->path, LOCK_COMING, error);

	if (!lock || !claim_locked(hook, actions_of(set) & ~actions_of(old), lock, error))
		return FALSE;
	*ret_begun = TRUE;
	return exchange_all(hook, old, set, held, lock, error);
}

gboolean slot_exchange(const SlotHook *hook, const ProgramSet *old, const ProgramSet *set,
		       GArray *held, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gboolean begun = FALSE;

	for (guint tries = 0; tries < TRIES_MAX; tries++) {
		g_clear_error(&failure);
		if (exchange_once(hook, old, set, held, &begun, &failure))
			return TRUE;
		if (!g_error_matches(failure, SLOT_ERROR, SLOT_ERROR_STALE))
			break;
	}
	/* If the old ones cannot come back now, they do when the slots are mended. */
	if (begun && !exchange_once(hook, set, old, held, &begun, NULL))
		slot_release(hook, set);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

static guint32 map_id(int map_fd)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map_fd, &info, &size) == 0 ? info.id : 0;
}

/* The ids of all program arrays in the chains of our actions; NULL if a chain cannot be read. */
static GHashTable *arrays_in_use(const SlotHook *hook, const ProgramSet *set)
{
	g_autoptr(GHashTable) arrays = g_hash_table_new(NULL, NULL);

	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint32 ours = program_set_id(set, action);
		g_autoptr(Chain) chain = ours ? chain_read(hook->fd, action) : NULL;

		if (chain && (chain->reason || chain->repeated))
			return NULL;
		for (guint i = 0; chain && i < chain_length(chain); i++)
			g_hash_table_add(arrays,
					 GUINT_TO_POINTER(map_id(chain_at(chain, i)->next_fd)));
	}
	return g_steal_pointer(&arrays);
}

/* Closes the descriptors kept for captures that have left the chain. Otherwise the kernel would
 * keep the programs that came after those, and their rings, as long as we live. */
static void release_held(const SlotHook *hook, const ProgramSet *set, GArray *held)
{
	g_autoptr(GHashTable) arrays = arrays_in_use(hook, set);

	for (guint i = held->len; arrays && i-- > 0;) {
		int fd = g_array_index(held, int, i);
		guint32 id = map_id(fd);

		if (id == 0 || g_hash_table_contains(arrays, GUINT_TO_POINTER(id)))
			continue;
		close(fd);
		g_array_remove_index_fast(held, i);
	}
}

static SlotState state_of(const Chain *chain, guint32 ours)
{
	if (ours == 0)
		return SLOT_UNUSED;
	if (chain_find(chain, ours) >= 0)
		return SLOT_CAPTURED;
	if (chain->reason || chain->repeated)
		return SLOT_UNREADABLE;
	if (chain_length(chain) == 0)
		return SLOT_EMPTY;
	return chain_foreign(chain) ? SLOT_OVERWRITTEN : SLOT_CUT_OFF;
}

static gboolean may_return(const SlotHook *hook, const Chain *chain, guint32 ours)
{
	SlotState state = state_of(chain, ours);

	return chain_length(chain) < CHAIN_MAX &&
	       (state == SLOT_EMPTY || state == SLOT_CUT_OFF ||
		(state == SLOT_OVERWRITTEN && hook->share_foreign));
}

static SlotReport report_of(const Chain *chain, guint32 ours)
{
	const Occupant *foreign = chain_foreign(chain);
	SlotReport report = {
		.state = state_of(chain, ours),
		.reason = chain->repeated ? ELOOP : chain->reason,
	};

	if (report.state != SLOT_OVERWRITTEN)
		return report;
	report.program_id = foreign->id;
	g_strlcpy(report.program_name, foreign->name, sizeof(report.program_name));
	return report;
}

/* Without the lock, others may change the chain while we read it: a program only counts as absent
 * if it still is a moment later. */
static SlotReport report_unlocked(const SlotHook *hook, guint32 action, guint32 ours)
{
	SlotReport report = { .state = SLOT_UNUSED };

	for (guint looks = 0; looks < UNLOCKED_LOOKS; looks++) {
		g_autoptr(Chain) chain = chain_read(hook->fd, action);

		report = report_of(chain, ours);
		if (report.state <= SLOT_CAPTURED)
			break;
		g_usleep(UNLOCKED_PAUSE_US);
	}
	return report;
}

/* Reports what was found before anything was changed. */
static SlotReport mend_action(const SlotHook *hook, const ProgramSet *set, guint32 action,
			      GArray *held, const Lock *lock)
{
	const ChainHook changed = changing(hook, lock);
	guint32 ours = program_set_id(set, action);
	g_autoptr(Chain) chain = chain_read(hook->fd, action);
	SlotReport report = report_of(chain, ours);

	if (!chain_is_tidy(chain)) {
		chain_free(chain);
		chain = chain_tidy(&changed, action);
		if (state_of(chain, ours) == SLOT_CAPTURED || report.state == SLOT_UNREADABLE)
			report = report_of(chain, ours);
	}
	if (!may_return(hook, chain, ours))
		return report;
	report.reason = -chain_append(&changed, action, program_set_fd(set, action),
				      program_set_next(set), held);
	report.returned = report.reason == 0;
	return report;
}

void slot_mend(const SlotHook *hook, const ProgramSet *set, GArray *held,
	       SlotReport ret_reports[XDPSHARK_ACTIONS])
{
	/* Whoever has the lock mends the slots, too; otherwise we do it next time. */
	g_autoptr(Lock) lock = lock_take(hook->map_id, hook->path, LOCK_NO_WAIT, NULL);

	if (!lock) {
		slot_report(hook, set, ret_reports);
		return;
	}
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++)
		ret_reports[action] = program_set_id(set, action)
					      ? mend_action(hook, set, action, held, lock)
					      : (SlotReport){ .state = SLOT_UNUSED };
	if (held->len > 0)
		release_held(hook, set, held);
}

void slot_report(const SlotHook *hook, const ProgramSet *set,
		 SlotReport ret_reports[XDPSHARK_ACTIONS])
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++)
		ret_reports[action] = report_unlocked(hook, action, program_set_id(set, action));
}
