// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_source.h"

#include <unistd.h>

#include <bpf/bpf.h>

#include "guard.h"
#include "hook_find.h"
#include "monotonic.h"
#include "presence.h"
#include "slot.h"
#include "watch.h"

typedef struct {
	char *path;
	SlotHook hook;
	Watch *watch;
	Guard *guard;
	const ProgramKind *kind;
	guint actions;
	gboolean unproven;
	gboolean attached;
	Presence presence;
	GArray *held; /* see slot_fill() */
} Place;

#define ALL_ACTIONS ((1U << XDPSHARK_ACTIONS) - 1)

static GPtrArray *list(GPtrArray **ret_others G_GNUC_UNUSED, GError **error)
{
	return hook_list(error);
}

/* Hooks of old programs have four slots, without one for XDP_REDIRECT. */
static guint available_actions(int hook_fd)
{
	struct bpf_map_info info = {};
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(hook_fd, &info, &size) == 0 &&
	    info.max_entries < XDPSHARK_ACTIONS)
		return (1U << info.max_entries) - 1;
	return ALL_ACTIONS;
}

/* All actions means all that the hook has: Wireshark's dialog asks for all unless the user changes
 * it. */
static gboolean choose_actions(const Place *place, guint wanted, guint *ret_actions, GError **error)
{
	guint available = available_actions(place->hook.fd);

	wanted &= ALL_ACTIONS;
	if (wanted == 0 || wanted == ALL_ACTIONS)
		wanted = available;
	if ((wanted & ~available) == 0) {
		*ret_actions = wanted;
		return TRUE;
	}
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "hook %s has 4 slots, and so none for REDIRECT: leave that action out",
		    place->path);
	return FALSE;
}

static void place_free(gpointer data)
{
	Place *place = data;

	for (guint i = 0; i < place->held->len; i++)
		close(g_array_index(place->held, int, i));
	g_array_unref(place->held);
	watch_free(place->watch);
	guard_free(place->guard);
	if (place->hook.fd >= 0)
		close(place->hook.fd);
	g_free(place->path);
	g_free(place);
}

static gpointer place_open(const SessionRequest *request, GError **error)
{
	Place *place = g_new0(Place, 1);

	place->held = g_array_new(FALSE, FALSE, sizeof(int));
	place->path = g_strdup(request->address);
	place->unproven = request->unproven;
	place->hook = (SlotHook){
		.map_id = request->id,
		.path = place->path,
		.share_foreign = request->share_foreign,
	};
	place->hook.fd = hook_open_map_of(request->address, request->id, request->unproven, error);
	if (place->hook.fd >= 0 &&
	    choose_actions(place, request->verdicts, &place->actions, error) &&
	    slot_claim(&place->hook, place->actions, error))
		place->kind = kind_of_hook(place->hook.fd, place->path, error);
	if (!place->kind) {
		place_free(place);
		return NULL;
	}
	place->watch = watch_new(place->path, request->id);
	place->guard = guard_new(place->path, request->id, place->unproven);
	return place;
}

static ProgramSet *load(gpointer data, ProgramRequest *request, Identity *identity, GError **error)
{
	const Place *place = data;
	g_autoptr(ProgramSet) programs = NULL;

	request->actions = place->actions;
	request->kind = place->kind;
	programs = program_set_load(request, error);
	if (!programs || !identity_outlive(identity, program_set_next(programs), error))
		return NULL;
	return g_steal_pointer(&programs);
}

static void drop_held(Place *place)
{
	for (guint i = 0; i < place->held->len; i++)
		close(g_array_index(place->held, int, i));
	g_array_set_size(place->held, 0);
}

/* Others' descriptors stay open while our programs may be in a slot. */
static gboolean leave(Place *place, const ProgramSet *programs)
{
	if (place->attached)
		place->presence.attachment.left = slot_release(&place->hook, programs);
	if (place->presence.attachment.left != 0)
		return FALSE;
	place->attached = FALSE;
	drop_held(place);
	return TRUE;
}

static void take_reports(Place *place, const SlotReport reports[XDPSHARK_ACTIONS])
{
	presence_take(&place->presence, reports, monotonic_now());
	place->presence.attachment.frozen = slot_is_frozen(&place->hook);
}

static gboolean detach(gpointer data, const ProgramSet *programs)
{
	SlotReport reports[XDPSHARK_ACTIONS];
	Place *place = data;

	slot_report(&place->hook, programs, reports);
	take_reports(place, reports);
	return leave(place, programs);
}

/* Fills the slots of the hook. Checks before and after that it is not used as a jump table:
 * programs may have been loaded since the last check, or while the slots were filled. */
static gboolean fill(Place *place, const SlotHook *hook, Guard *guard, const ProgramSet *programs,
		     GError **error)
{
	const SlotHook before = place->hook;

	if (!guard_check(guard, error))
		return FALSE;
	/* Packets may come immediately. */
	program_set_beat(programs, monotonic_now());
	if (!slot_fill(hook, programs, place->held, error)) {
		drop_held(place);
		return FALSE;
	}
	place->hook = *hook;
	place->attached = TRUE;
	presence_fill(&place->presence, place->actions, monotonic_now());
	if (guard_check_newer(guard, error))
		return TRUE;
	leave(place, programs);
	program_set_quiesce(programs);
	place->hook = before;
	return FALSE;
}

static gboolean attach(gpointer data, const ProgramSet *programs, GError **error)
{
	Place *place = data;

	return fill(place, &place->hook, place->guard, programs, error);
}

static void mend(gpointer data, const ProgramSet *programs)
{
	SlotReport reports[XDPSHARK_ACTIONS];
	Place *place = data;

	slot_mend(&place->hook, programs, place->held, reports);
	take_reports(place, reports);
}

static gboolean guard(gpointer data, GError **error)
{
	const Place *place = data;

	return guard_check_newer(place->guard, error);
}

static void attachment(gconstpointer data, Attachment *ret_attachment)
{
	const Place *place = data;

	presence_read(&place->presence, monotonic_now(), ret_attachment);
}

static void look(gpointer data, SessionNews *ret_news)
{
	const Place *place = data;

	ret_news->users = watch_users(place->watch, place->hook.fd);
	ret_news->pin = watch_pin(place->watch, &ret_news->pinned, &ret_news->remark);
}

static void expect(gpointer data)
{
	const Place *place = data;

	watch_expect(place->watch);
}

/* The programs loaded for the old hook must suit the new one, since rings and counters are
 * theirs. */
static gboolean check_suits(const Place *place, int hook_fd, GError **error)
{
	const ProgramKind *kind = kind_of_hook(hook_fd, place->path, error);

	if (!kind)
		return FALSE;
	if (kind == place->kind && (place->actions & ~available_actions(hook_fd)) == 0)
		return TRUE;
	if (kind == place->kind)
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_KIND,
			    "hook %s: the new one has 4 slots, and so none for REDIRECT, which "
			    "this capture has asked for: start it again",
			    place->path);
	else
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_KIND,
			    "hook %s: the new one is for programs of another kind (%s, before %s) "
			    "than this capture has: start it again",
			    place->path, kind->name, place->kind->name);
	return FALSE;
}

/* Leaves the old slots first: our program goes on to the same next program, whichever hook it was
 * called from. */
static SourceMove move_to(Place *place, const SlotHook *hook, Guard *guard,
			  const ProgramSet *programs, guint64 *ret_since, GError **error)
{
	gboolean left = leave(place, programs);

	program_set_quiesce(programs);
	if (!left) {
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: cannot take the capture out of all slots of the old hook",
			    place->path);
		return SOURCE_STAYS;
	}
	*ret_since = monotonic_now();
	if (fill(place, hook, guard, programs, error))
		return SOURCE_MOVED;
	presence_leave(&place->presence, place->actions, *ret_since);
	return SOURCE_ADRIFT;
}

static SourceMove move(gpointer data, const ProgramSet *programs, guint32 id, guint64 *ret_since,
		       GError **error)
{
	Place *place = data;
	SlotHook hook = place->hook;
	int old_fd = hook.fd;
	SourceMove moved = SOURCE_STAYS;
	Guard *guard;

	hook.map_id = id;
	hook.fd = hook_open_map_of(place->path, id, place->unproven, error);
	if (hook.fd < 0)
		return SOURCE_STAYS;
	guard = guard_new(place->path, id, place->unproven);
	if (check_suits(place, hook.fd, error) && slot_claim(&hook, place->actions, error))
		moved = move_to(place, &hook, guard, programs, ret_since, error);
	if (moved != SOURCE_MOVED) {
		guard_free(guard);
		close(hook.fd);
		return moved;
	}
	guard_free(place->guard);
	place->guard = guard;
	close(old_fd);
	watch_free(place->watch);
	place->watch = watch_new(place->path, id);
	return SOURCE_MOVED;
}

/* Actions that are left: our array does not keep what came after our program in their slots. */
static void forget_next(const ProgramSet *programs, guint actions)
{
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++)
		if (actions >> action & 1)
			bpf_map_delete_elem(program_set_next(programs), &action);
}

static ProgramSet *exchange(gpointer data, const ProgramSet *programs, ProgramRequest *request,
			    guint32 verdicts, GError **error)
{
	g_autoptr(ProgramSet) set = NULL;
	Place *place = data;
	guint actions, left;

	if (!choose_actions(place, verdicts, &actions, error))
		return NULL;
	request->actions = actions;
	request->kind = place->kind;
	set = program_set_load_again(programs, request, error);
	if (!set)
		return NULL;
	/* Loading may have taken seconds. */
	program_set_beat(set, monotonic_now());
	if (!slot_exchange(&place->hook, programs, set, place->held, error))
		return NULL;
	left = place->actions & ~actions;
	presence_fill(&place->presence, left | (actions & ~place->actions), monotonic_now());
	place->actions = actions;
	program_set_quiesce(set);
	forget_next(set, left);
	return g_steal_pointer(&set);
}

const Source hook_source = {
	.type = &source_hook,
	.list = list,
	.describe = hook_open_all,
	.open = place_open,
	.load = load,
	.attach = attach,
	.detach = detach,
	.mend = mend,
	.guard = guard,
	.attachment = attachment,
	.look = look,
	.expect = expect,
	.move = move,
	.exchange = exchange,
	.free = place_free,
};
