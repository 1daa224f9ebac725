// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "change_message.h"
#include "control.h"
#include "remote_changes.h"

/* A capture that makes each change at once, but refuses a filter with "bad" in it. */
static void make_change(Changes *changes, const ChangesSetting *wanted)
{
	g_autoptr(GError) error = NULL;

	changes_setting_copy(&changes->wanted, wanted);
	if (changes_setting_is_same(&changes->now, wanted))
		return;
	if (strstr(wanted->filter, "bad")) {
		changes->refused = wanted->number;
		changes_setting_forget(&changes->wanted, &changes->now, wanted);
		error = g_error_new(G_OPTION_ERROR, 0, "no such word: %s", wanted->filter);
	} else {
		changes_setting_copy(&changes->now, wanted);
	}
	changes_end(changes, error);
}

static const ChangesSetting beginning = { .filter = (char *)"udp", .verdicts = 0x1f };

static GString *answers;

static void keep_answer(const char *text)
{
	g_string_append(answers, text);
}

static Control *control_begin(Changes *changes)
{
	answers = g_string_new(NULL);
	g_set_printerr_handler(keep_answer);
	changes_init(changes, make_change, &source_hook, 5, &beginning);
	return control_new(changes);
}

static void control_end(Control *control, Changes *changes)
{
	control_free(control);
	changes_clear(changes);
	g_set_printerr_handler(NULL);
	g_string_free(answers, TRUE);
}

static void take(Control *control, const char *text)
{
	control_take(control, text, strlen(text) + 1);
}

static void test_messages(void)
{
	Changes changes;
	Control *control = control_begin(&changes);

	g_assert_cmpstr(answers->str, ==,
			"{\"changes\":{\"source\":\"xdp\",\"slots\":5,\"verdicts\":31}}\n");
	g_string_truncate(answers, 0);
	take(control, "\n{\"num\nber\":1,\"fil\n\nter\":\"t\ncp\"}\n");
	g_assert_cmpstr(changes.now.filter, ==, "tcp");
	take(control, "{\"number\":2,\"verdicts\":6,\"sample\":10,\"paused\":true}");
	g_assert_cmpuint(changes.now.verdicts, ==, 6);
	g_assert_cmpuint(changes.now.sample, ==, 10);
	g_assert_true(changes.now.paused);
	take(control, "{\"number\":3,\"filter\":\"bad\"}");
	g_assert_cmpstr(changes.now.filter, ==, "tcp");
	/* What is so already is answered, too. */
	take(control, "{\"number\":4,\"filter\":\"tcp\"}");
	g_assert_cmpstr(answers->str, ==,
			"{\"changes\":{\"number\":1}}\n{\"changes\":{\"number\":2}}\n"
			"{\"changes\":{\"number\":3,\"refused\":\"no such word: bad\"}}\n"
			"{\"changes\":{\"number\":4}}\n");
	control_end(control, &changes);
}

static void test_garbage(void)
{
	static const char *const wrong[] = {
		"",
		"{",
		"[]",
		"null",
		"{\"filter\":\"tcp\"}",
		"{\"number\":-1,\"filter\":\"tcp\"}",
		"{\"number\":\"1\",\"filter\":\"tcp\"}",
		"{\"number\":1,\"filter\":7}",
		"{\"number\":1,\"filter\":[\"tcp\"]}",
		"{\"number\":1,\"filter\":\"tcp\",\"sample\":0}",
		"{\"number\":1,\"filter\":\"tcp\",\"sample\":1000000001}",
		"{\"number\":1,\"filter\":\"tcp\",\"verdicts\":0}",
		"{\"number\":1,\"filter\":\"tcp\",\"verdicts\":32}",
		"{\"number\":1,\"filter\":\"tcp\",\"paused\":1}",
	};
	g_autofree char *endless = g_strnfill(CHANGE_MESSAGE_MAX + 7, '[');
	Changes changes;
	Control *control = control_begin(&changes);

	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		if (i != 12) /* of no action that there is: not worth a line */
			g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*not understood*");
		take(control, wrong[i]);
		g_test_assert_expected_messages();
		g_assert_cmpstr(changes.now.filter, ==, "udp");
	}
	take(control, endless);
	take(control, "{\"number\":1,\"filter\":\"tcp\"}");
	g_assert_cmpstr(changes.now.filter, ==, "tcp");
	control_end(control, &changes);
}

static void send_to_control(const char *message, gsize length, gpointer data)
{
	control_take(data, message, length);
}

static void count_end(const GError *error, gpointer data)
{
	guint *counts = data;

	counts[error != NULL]++;
}

/* The answers that wait go back. */
static void answer_all(RemoteChanges *changes)
{
	g_auto(GStrv) lines = g_strsplit(answers->str, "\n", -1);

	g_string_truncate(answers, 0);
	for (guint i = 0; lines[i]; i++) {
		ChangeAnswer answer;

		if (!change_answer_parse(lines[i], &answer))
			continue;
		remote_changes_take(changes, &answer);
		g_free(answer.refused);
	}
}

/* Both sides together: what one wants after a refusal is not the refused filter once more. */
static void test_remote(void)
{
	Changes there;
	Control *control = control_begin(&there);
	ChangeAnswer offer;
	RemoteChanges *remote;
	Changes *here;
	ChangesSetting wanted = { 0 };
	guint counts[2] = { 0 };

	g_strchomp(answers->str);
	g_assert_true(change_answer_parse(answers->str, &offer));
	g_string_truncate(answers, 0);
	remote = remote_changes_new("web1", &offer, &beginning, send_to_control, control);
	here = remote_changes_base(remote);
	changes_observe(here, count_end, counts);
	changes_setting_copy(&wanted, &here->wanted);
	g_free(wanted.filter);
	wanted.filter = g_strdup("bad");
	changes_ask(here, &wanted);
	/* Before the refusal has come. */
	wanted.verdicts = 2;
	changes_ask(here, &wanted);
	g_assert_cmpstr(there.now.filter, ==, "udp");
	g_assert_cmpuint(there.now.verdicts, ==, 2);
	answer_all(remote);
	g_assert_cmpuint(counts[0], ==, 1);
	g_assert_cmpuint(counts[1], ==, 1);
	g_assert_cmpstr(here->now.filter, ==, "udp");
	g_assert_cmpstr(here->wanted.filter, ==, "udp");
	g_assert_cmpuint(here->now.verdicts, ==, 2);
	changes_setting_clear(&wanted);
	remote_changes_free(remote);
	control_end(control, &there);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/change_message/messages", test_messages);
	g_test_add_func("/change_message/garbage", test_garbage);
	g_test_add_func("/change_message/remote", test_remote);
	return g_test_run();
}
