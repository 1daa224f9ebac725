// SPDX-License-Identifier: GPL-2.0-or-later
#include "attachment.h"

#include <string.h>

#define ABSENCE_TYPE "(uuuusuuttt)"

GVariant *attachment_to_variant(const Attachment *attachment)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" ABSENCE_TYPE));
	for (guint32 action = 0; action < XDPSHARK_ACTIONS; action++) {
		const Absence *absence = &attachment->absences[action];
		g_autofree char *name = g_utf8_make_valid(absence->program_name, -1);

		if (absence->times == 0)
			continue;
		g_variant_builder_add(&builder, ABSENCE_TYPE, action, (guint32)absence->state,
				      (guint32)absence->cause, absence->program_id, name,
				      absence->reason, absence->times, absence->since,
				      absence->until, absence->total);
	}
	return g_variant_new("(bu@a" ABSENCE_TYPE ")", attachment->frozen, attachment->left,
			     g_variant_builder_end(&builder));
}

void attachment_from_variant(GVariant *variant, Attachment *ret_attachment)
{
	g_autoptr(GVariant) absences = NULL;

	memset(ret_attachment, 0, sizeof(*ret_attachment));
	g_variant_get(variant, "(bu@a" ABSENCE_TYPE ")", &ret_attachment->frozen,
		      &ret_attachment->left, &absences);
	for (gsize i = 0; i < g_variant_n_children(absences); i++) {
		guint32 action, state, cause;
		const char *name;
		Absence absence = { 0 };

		g_variant_get_child(absences, i, "(uuuu&suuttt)", &action, &state, &cause,
				    &absence.program_id, &name, &absence.reason, &absence.times,
				    &absence.since, &absence.until, &absence.total);
		if (action >= XDPSHARK_ACTIONS || state >= SLOT_STATES || cause >= SLOT_STATES)
			continue;
		absence.state = (SlotState)state;
		absence.cause = (SlotState)cause;
		g_strlcpy(absence.program_name, name, sizeof(absence.program_name));
		ret_attachment->absences[action] = absence;
	}
}
