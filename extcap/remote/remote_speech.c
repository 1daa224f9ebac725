// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_speech.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "remote_host.h"

#define LINE_MAX_BYTES 4096
/* Read at once, so that whoever says much does not keep us from the rest. */
#define READS_MAX      16
/* The last lines, of which the error is made. */
#define KEPT_MAX       3
#define OWN_PREFIX     "xdpshark: "

/* Shells' exit status for a command that they do not find or cannot run. */
#define STATUS_NOT_FOUND 127
#define STATUS_NOT_RUN	 126

struct RemoteSpeech {
	RemoteSpeechTake *take;
	gpointer data;
	GString *pending;
	char *own;     /* the last line of xdpshark's there, without its prefix */
	GQueue *lines; /* char *, the last ones of others */
};

RemoteSpeech *remote_speech_new(RemoteSpeechTake *take, gpointer data)
{
	RemoteSpeech *speech = g_new0(RemoteSpeech, 1);

	speech->take = take;
	speech->data = data;
	speech->pending = g_string_new(NULL);
	speech->lines = g_queue_new();
	return speech;
}

void remote_speech_free(RemoteSpeech *speech)
{
	if (!speech)
		return;
	g_string_free(speech->pending, TRUE);
	g_free(speech->own);
	g_queue_free_full(speech->lines, g_free);
	g_free(speech);
}

/* Frames and empty lines say nothing. */
static gboolean says_something(const char *line)
{
	for (; *line; line++)
		if (g_ascii_isalnum(*line) || (guchar)*line >= 0x80)
			return TRUE;
	return FALSE;
}

static void take_line(RemoteSpeech *speech, const char *bytes, gsize length)
{
	g_autofree char *copy = g_strndup(bytes, length);
	g_autofree char *line = g_utf8_make_valid(copy, -1);

	g_strstrip(line);
	if (!says_something(line) || (speech->take && speech->take(line, speech->data)))
		return;
	g_debug("%s", line);
	if (g_str_has_prefix(line, OWN_PREFIX)) {
		g_free(speech->own);
		speech->own = g_strdup(line + strlen(OWN_PREFIX));
		return;
	}
	g_queue_push_tail(speech->lines, g_steal_pointer(&line));
	if (g_queue_get_length(speech->lines) > KEPT_MAX)
		g_free(g_queue_pop_head(speech->lines));
}

static void take_lines(RemoteSpeech *speech, gboolean all)
{
	GString *pending = speech->pending;
	gsize done = 0;

	while (done < pending->len) {
		const char *begin = pending->str + done;
		const char *end = memchr(begin, '\n', pending->len - done);
		gsize length = end ? (gsize)(end - begin) : pending->len - done;

		if (!end && !all && length < LINE_MAX_BYTES)
			break;
		take_line(speech, begin, MIN(length, LINE_MAX_BYTES));
		done += length + (end != NULL);
	}
	g_string_erase(pending, 0, (gssize)done);
}

gboolean remote_speech_read(RemoteSpeech *speech, int fd, gboolean *ret_some)
{
	*ret_some = FALSE;
	for (guint reads = 0; reads < READS_MAX; reads++) {
		char buffer[LINE_MAX_BYTES];
		gssize length = read(fd, buffer, sizeof(buffer));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
			return TRUE;
		if (length <= 0) {
			take_lines(speech, TRUE);
			return FALSE;
		}
		*ret_some = TRUE;
		g_string_append_len(speech->pending, buffer, length);
		take_lines(speech, FALSE);
	}
	return TRUE;
}

static char *join_lines(const RemoteSpeech *speech)
{
	GString *text = g_string_new(NULL);

	for (const GList *at = speech->lines->head; at; at = at->next) {
		const char *line = at->data;
		gsize length = strlen(line);

		if (text->len > 0)
			g_string_append(text, "; ");
		g_string_append_len(text, line,
				    (gssize)length - (line[length - 1] == '.' && at->next));
	}
	return g_string_free(text, FALSE);
}

static const char *remedy_for(const RemoteProcess *process)
{
	int status = remote_process_status(process);

	return !remote_process_failure(process) &&
			       (status == STATUS_NOT_FOUND || status == STATUS_NOT_RUN)
		       ? ": install xdpshark there, or say where it is (--remote-program)"
		       : "";
}

void remote_speech_set_error(const RemoteSpeech *speech, const RemoteProcess *process,
			     const char *label, GError **error)
{
	g_autofree char *lines = join_lines(speech);
	const char *text = speech->own ? speech->own : lines;

	if (remote_process_failure(process) && !*text)
		text = remote_process_failure(process);
	if (strstr(text, "Unknown option --alive"))
		text = "xdpshark there is older and cannot be used from here: install the same "
		       "version";
	if (*text)
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED, "%s: %s%s", label, text,
			    speech->own ? "" : remedy_for(process));
	else
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED,
			    "%s: it has ended with status %d and no message%s", label,
			    remote_process_status(process), remedy_for(process));
}
