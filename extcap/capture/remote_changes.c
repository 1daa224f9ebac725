// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_changes.h"

#include <string.h>

#include "remote_host.h"

struct RemoteChanges {
	Changes base;
	char *label;
	GQueue asked; /* ChangesSetting *, of which no answer has come */
	RemoteChangesSend *send;
	gpointer data;
};

static void setting_free(gpointer data)
{
	changes_setting_clear(data);
	g_free(data);
}

/* Only what differs is sent: what the host has refused in the meantime is not asked again. */
static void ask(Changes *base, const ChangesSetting *wanted)
{
	RemoteChanges *changes = (RemoteChanges *)base;
	ChangesSetting *asked;
	g_autofree char *message = NULL;

	if (changes_setting_is_same(&base->wanted, wanted))
		return;
	asked = g_new0(ChangesSetting, 1);
	changes_setting_copy(asked, wanted);
	asked->number = base->wanted.number + 1;
	message = change_message_format(&base->wanted, asked);
	changes_setting_copy(&base->wanted, asked);
	g_queue_push_tail(&changes->asked, asked);
	changes->send(message, strlen(message) + 1, changes->data);
}

RemoteChanges *remote_changes_new(const char *label, const ChangeAnswer *offer,
				  const ChangesSetting *setting, RemoteChangesSend *send,
				  gpointer data)
{
	RemoteChanges *changes = g_new0(RemoteChanges, 1);
	ChangesSetting begun = *setting;

	begun.verdicts = offer->verdicts;
	changes_init(&changes->base, ask, offer->source, offer->slots, &begun);
	changes->label = g_strdup(label);
	g_queue_init(&changes->asked);
	changes->send = send;
	changes->data = data;
	return changes;
}

void remote_changes_free(RemoteChanges *changes)
{
	if (!changes)
		return;
	g_queue_clear_full(&changes->asked, setting_free);
	changes_clear(&changes->base);
	g_free(changes->label);
	g_free(changes);
}

Changes *remote_changes_base(RemoteChanges *changes)
{
	return changes ? &changes->base : NULL;
}

static void refuse(RemoteChanges *changes, const ChangesSetting *refused, const char *why)
{
	const ChangesSetting *now = &changes->base.now;
	g_autoptr(GError) error =
		g_error_new(REMOTE_ERROR, REMOTE_ERROR_FAILED, "%s: %s", changes->label, why);

	changes_setting_forget(&changes->base.wanted, now, refused);
	for (GList *at = changes->asked.head; at; at = at->next)
		changes_setting_forget(at->data, now, refused);
	changes_end(&changes->base, error);
}

static void accept(RemoteChanges *changes, const ChangesSetting *made)
{
	Changes *base = &changes->base;
	g_autofree char *what = changes_describe(&base->now, made, base->source);

	if (*what)
		g_message("%s: changed: %s", changes->label, what);
	changes_setting_copy(&base->now, made);
	changes_end(base, NULL);
}

void remote_changes_take(RemoteChanges *changes, const ChangeAnswer *answer)
{
	ChangesSetting *settled = NULL, *first;

	while ((first = g_queue_peek_head(&changes->asked)) && first->number <= answer->number) {
		if (settled)
			setting_free(settled);
		settled = g_queue_pop_head(&changes->asked);
	}
	if (!settled)
		return;
	if (answer->refused)
		refuse(changes, settled, answer->refused);
	else
		accept(changes, settled);
	setting_free(settled);
}
