// SPDX-License-Identifier: GPL-2.0-or-later
#include "presence.h"

static gboolean is_absent(const Absence *absence)
{
	return absence->times > 0 && absence->state != SLOT_CAPTURED;
}

static void end_absence(Absence *absence, guint64 now)
{
	if (!is_absent(absence))
		return;
	absence->state = SLOT_CAPTURED;
	absence->until = now;
	absence->total += now - absence->since;
}

static void take_absence(Absence *absence, const SlotReport *report, guint64 seen)
{
	if (!is_absent(absence)) {
		absence->times++;
		absence->since = seen;
		absence->until = 0;
	}
	absence->state = report->state;
	absence->cause = report->state;
	absence->program_id = report->program_id;
	g_strlcpy(absence->program_name, report->program_name, sizeof(absence->program_name));
	absence->reason = (guint32)report->reason;
}

void presence_take(Presence *presence, const SlotReport reports[XDPSHARK_ACTIONS], guint64 now)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		const SlotReport *report = &reports[action];
		Absence *absence = &presence->attachment.absences[action];

		if (report->state == SLOT_UNUSED)
			continue;
		if (report->state != SLOT_CAPTURED)
			take_absence(absence, report, presence->seen[action]);
		if (report->state != SLOT_CAPTURED && !report->returned)
			continue;
		end_absence(absence, now);
		presence->seen[action] = now;
	}
}

static void take_all(Presence *presence, guint actions, SlotState state, guint64 now)
{
	SlotReport reports[XDPSHARK_ACTIONS] = { 0 };

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (actions >> action & 1)
			reports[action].state = state;
	presence_take(presence, reports, now);
}

void presence_fill(Presence *presence, guint actions, guint64 now)
{
	take_all(presence, actions, SLOT_CAPTURED, now);
}

void presence_leave(Presence *presence, guint actions, guint64 now)
{
	take_all(presence, actions, SLOT_LEFT, now);
}

void presence_read(const Presence *presence, guint64 now, Attachment *ret_attachment)
{
	*ret_attachment = presence->attachment;
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		Absence *absence = &ret_attachment->absences[action];

		if (is_absent(absence))
			absence->total += now - absence->since;
	}
}
