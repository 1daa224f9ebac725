// SPDX-License-Identifier: GPL-2.0-or-later
#include "changes.h"

#include <string.h>

void changes_setting_copy(ChangesSetting *to, const ChangesSetting *from)
{
	char *filter = g_strdup(from->filter);

	changes_setting_clear(to);
	*to = *from;
	to->filter = filter;
}

void changes_setting_clear(ChangesSetting *setting)
{
	g_clear_pointer(&setting->filter, g_free);
}

gboolean changes_setting_same_programs(const ChangesSetting *one, const ChangesSetting *other)
{
	return strcmp(one->filter, other->filter) == 0 && one->verdicts == other->verdicts;
}

gboolean changes_setting_is_same(const ChangesSetting *one, const ChangesSetting *other)
{
	return changes_setting_same_programs(one, other) && one->sample == other->sample &&
	       one->paused == other->paused;
}

void changes_setting_forget(ChangesSetting *wanted, const ChangesSetting *now,
			    const ChangesSetting *refused)
{
	if (changes_setting_same_programs(now, refused)) {
		wanted->sample = now->sample;
		wanted->paused = now->paused;
		return;
	}
	if (wanted->verdicts == refused->verdicts)
		wanted->verdicts = now->verdicts;
	if (strcmp(wanted->filter, refused->filter) != 0)
		return;
	g_free(wanted->filter);
	wanted->filter = g_strdup(now->filter);
}

void changes_init(Changes *changes, ChangesAsk *ask, const SourceType *source, guint slots,
		  const ChangesSetting *setting)
{
	*changes = (Changes){ .ask = ask, .source = source, .slots = slots };
	changes_setting_copy(&changes->now, setting);
	changes_setting_copy(&changes->wanted, setting);
}

void changes_clear(Changes *changes)
{
	changes_setting_clear(&changes->now);
	changes_setting_clear(&changes->wanted);
}

void changes_observe(Changes *changes, ChangesFunc *func, gpointer data)
{
	changes->func = func;
	changes->data = data;
}

void changes_ask(Changes *changes, const ChangesSetting *wanted)
{
	changes->ask(changes, wanted);
}

void changes_end(Changes *changes, const GError *error)
{
	if (changes->func)
		changes->func(error, changes->data);
}

char *changes_describe(const ChangesSetting *from, const ChangesSetting *to, const SourceType *type)
{
	GString *text = g_string_new(NULL);

	if (strcmp(from->filter, to->filter) != 0)
		g_string_append_printf(text, "; filter: %s",
				       *to->filter ? to->filter : "(every packet)");
	if (from->verdicts != to->verdicts) {
		const char *separator = "; actions: ";

		for (guint i = 0; i < type->verdict_count; i++) {
			if (to->verdicts != 0 && !(to->verdicts >> i & 1))
				continue;
			g_string_append_printf(text, "%s%s", separator, type->verdicts[i].name);
			separator = ", ";
		}
	}
	if (from->sample != to->sample)
		g_string_append_printf(text, "; sample: 1 of %u", MAX(to->sample, 1));
	if (from->paused != to->paused)
		g_string_append(text, to->paused ? "; paused" : "; goes on");
	if (text->len > 0)
		g_string_erase(text, 0, strlen("; "));
	return g_string_free(text, FALSE);
}
