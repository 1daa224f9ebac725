// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_input_state.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "pcapng.h"
#include "status.h"

/* Read at once. */
#define READ_SIZE (256 * 1024)
/* At the end of a capture, all that is left there is taken. */
#define REST_MAX  ((gsize)256 * 1024 * 1024)

/* The other host ends its capture when it has heard nothing for this long, and speaks each second
 * itself. */
#define ALIVE	   "--alive=4"
#define SILENCE_NS (6 * G_GUINT64_CONSTANT(1000000000))
/* Somebody may have to type a passphrase. */
#define START_NS   (60 * G_GUINT64_CONSTANT(1000000000))

static void wake_reader(RemoteInput *remote)
{
	if (!remote->armed)
		return;
	remote->armed = FALSE;
	(void)!write(remote->wake[1], "", 1);
}

static void close_sources(RemoteInput *remote)
{
	g_clear_handle_id(&remote->output_source, g_source_remove);
	g_clear_handle_id(&remote->error_source, g_source_remove);
	g_clear_handle_id(&remote->end_source, g_source_remove);
}

/* Nothing more comes from it. What has come is still written. */
static void end(RemoteInput *remote, GError *error)
{
	if (remote->ended) {
		g_clear_error(&error);
		return;
	}
	remote->ended = TRUE;
	close_sources(remote);
	remote_process_close_input(remote->process);
	remote->error = error;
	if (error && !remote->request.alone)
		remote->request.report(G_LOG_LEVEL_WARNING, error->message, remote->request.data);
	remote->armed = TRUE;
	wake_reader(remote);
}

/* The program has ended, and all that it wrote is read. */
static void check_end(RemoteInput *remote)
{
	GError *error = NULL;
	gboolean some;

	if (remote->ended || !remote->output_ended || !remote_process_take_end(remote->process))
		return;
	remote_speech_read(remote->speech, remote_process_error(remote->process), &some);
	if (remote_process_failure(remote->process) || remote_process_status(remote->process) != 0)
		remote_speech_set_error(remote->speech, remote->process, remote->label, &error);
	else if (!pcapng_guest_has_begun(remote->guest))
		g_set_error(&error, REMOTE_ERROR, REMOTE_ERROR_FAILED,
			    "%s: nothing came from there", remote->label);
	end(remote, error);
}

void remote_input_find_packet(RemoteInput *remote)
{
	GError *reason = NULL;

	if (remote->has_packet)
		return;
	remote->has_packet =
		pcapng_guest_next(remote->guest, &remote->interface, &remote->time, &reason);
	g_array_set_size(remote->interfaces, pcapng_guest_interfaces(remote->guest));
	if (!reason)
		return;
	g_prefix_error(&reason, "%s: ", remote->label);
	end(remote, reason);
}

static gboolean on_output(gint fd, GIOCondition condition, gpointer data);

void remote_input_watch_output(RemoteInput *remote)
{
	if (remote->output_source == 0 && !remote->output_ended && !remote->ended)
		remote->output_source =
			g_unix_fd_add(remote_process_output(remote->process),
				      G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, remote);
}

static gsize waiting_max(const RemoteInput *remote)
{
	return remote->stopping ? REST_MAX : REMOTE_WAITING_MAX;
}

static gboolean on_output(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	static guint8 buffer[READ_SIZE];
	RemoteInput *remote = data;
	gssize length = read(fd, buffer, sizeof(buffer));
	RemoteArrival *arrival;

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (length <= 0) {
		remote->output_source = 0;
		remote->output_ended = TRUE;
		check_end(remote);
		return G_SOURCE_REMOVE;
	}
	remote->heard = monotonic_now();
	remote->came += (guint64)length;
	pcapng_guest_feed(remote->guest, buffer, (gsize)length);
	arrival = g_new(RemoteArrival, 1);
	*arrival = (RemoteArrival){ remote->came, remote->heard };
	g_queue_push_tail(&remote->arrivals, arrival);
	remote_input_find_packet(remote);
	wake_reader(remote);
	if (remote->output_source == 0) /* it has ended */
		return G_SOURCE_REMOVE;
	if (pcapng_guest_waiting(remote->guest) < waiting_max(remote))
		return G_SOURCE_CONTINUE;
	remote->output_source = 0;
	return G_SOURCE_REMOVE;
}

static gboolean on_error(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	RemoteInput *remote = data;
	gboolean some, more = remote_speech_read(remote->speech, fd, &some);

	if (some)
		remote->heard = monotonic_now();
	if (!more)
		remote->error_source = 0;
	return more;
}

static gboolean on_end(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	RemoteInput *remote = data;

	if (!remote_process_take_end(remote->process))
		return G_SOURCE_CONTINUE;
	remote->end_source = 0;
	check_end(remote);
	return G_SOURCE_REMOVE;
}

/* A RemoteChangesSend. */
static void send_change(const char *message, gsize length, gpointer data)
{
	const RemoteInput *remote = data;

	remote_process_send(remote->process, message, length);
}

static void take_answer(RemoteInput *remote, const ChangeAnswer *answer)
{
	const ChangesSetting setting = {
		.filter = (char *)(remote->request.filter ? remote->request.filter : ""),
		.sample = (guint32)remote->request.options->sample,
	};

	if (!answer->source && remote->changes)
		remote_changes_take(remote->changes, answer);
	else if (answer->source && !remote->changes)
		remote->changes =
			remote_changes_new(remote->label, answer, &setting, send_change, remote);
}

/* Counts are kept, messages are passed on. */
static gboolean take_line(const char *line, gpointer data)
{
	RemoteInput *remote = data;
	g_autofree char *message = NULL, *text = NULL;
	ChangeAnswer answer;
	Counts counts;

	if (change_answer_parse(line, &answer)) {
		take_answer(remote, &answer);
		g_free(answer.refused);
		return TRUE;
	}
	if (!status_parse(line, &remote->source, &counts, &message))
		return FALSE;
	if (message) {
		text = g_strdup_printf("%s: %s", remote->label, message);
		remote->request.report(G_LOG_LEVEL_MESSAGE, text, remote->request.data);
	} else {
		remote->counts = counts;
	}
	return TRUE;
}

/* The arguments of xdpshark there. */
static GPtrArray *make_words(const RemoteHost *host, const RemoteRequest *request)
{
	static const char *const always[] = { "capture", "-w", "-", "--json", ALIVE };
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
		g_ptr_array_add(words, g_strdup(always[i]));
	option_append_words(request->options, words);
	/* Neither a name nor a filter is an option, whatever it begins with. */
	g_ptr_array_add(words, g_strdup("--"));
	for (guint i = 0; i < host->points->len; i++)
		g_ptr_array_add(words, g_strdup(g_ptr_array_index(host->points, i)));
	if (request->filter && *request->filter)
		g_ptr_array_add(words, g_strdup(request->filter));
	return words;
}

RemoteInput *remote_input_new(const RemoteHost *host, const RemoteRequest *request, GError **error)
{
	const RemoteAccess access = option_access(request->options);
	g_autoptr(GPtrArray) words = make_words(host, request);
	g_auto(GStrv) command = remote_host_command(host, &access, words, error);
	RemoteProcess *process =
		command ? remote_process_start((const char *const *)command, error) : NULL;
	RemoteInput *remote;

	if (!process)
		return NULL;
	remote = g_new0(RemoteInput, 1);
	remote->base.type = &remote_input_type;
	remote->source = source_types[0];
	remote->request = *request;
	remote->label = g_strdup(host->label);
	remote->heard = monotonic_now();
	remote->process = process;
	remote->wake[0] = remote->wake[1] = -1;
	remote->speech = remote_speech_new(take_line, remote);
	remote->guest = pcapng_guest_new(host->label);
	remote->interfaces = g_array_new(FALSE, TRUE, sizeof(RemoteInterface));
	g_queue_init(&remote->arrivals);
	if (!g_unix_open_pipe(remote->wake, FD_CLOEXEC, error)) {
		remote_input_free(remote);
		return NULL;
	}
	g_unix_set_fd_nonblocking(remote->wake[0], TRUE, NULL);
	g_unix_set_fd_nonblocking(remote->wake[1], TRUE, NULL);
	remote_input_watch_output(remote);
	remote->error_source = g_unix_fd_add(remote_process_error(process),
					     G_IO_IN | G_IO_HUP | G_IO_ERR, on_error, remote);
	remote->end_source =
		g_unix_fd_add(remote_process_end_fd(process), G_IO_IN | G_IO_HUP, on_end, remote);
	return remote;
}

void remote_input_free(RemoteInput *remote)
{
	if (!remote)
		return;
	close_sources(remote);
	remote_process_free(remote->process);
	remote_speech_free(remote->speech);
	remote_changes_free(remote->changes);
	pcapng_guest_free(remote->guest);
	g_array_unref(remote->interfaces);
	g_queue_clear_full(&remote->arrivals, g_free);
	for (guint i = 0; i < G_N_ELEMENTS(remote->wake); i++)
		if (remote->wake[i] >= 0)
			close(remote->wake[i]);
	g_clear_error(&remote->error);
	g_free(remote->label);
	g_free(remote);
}

Input *remote_input_base(RemoteInput *remote)
{
	return &remote->base;
}

const char *remote_input_label(const RemoteInput *remote)
{
	return remote->label;
}

gboolean remote_input_has_begun(const RemoteInput *remote)
{
	return pcapng_guest_has_begun(remote->guest);
}

gboolean remote_input_has_ended(const RemoteInput *remote, const GError **ret_error)
{
	*ret_error = remote->error;
	return remote->ended;
}

Changes *remote_input_changes(const RemoteInput *remote)
{
	return remote_changes_base(remote->changes);
}

void remote_input_check(RemoteInput *remote)
{
	guint64 now = monotonic_now();
	guint64 limit = pcapng_guest_has_begun(remote->guest) ? SILENCE_NS : START_NS;

	if (remote->ended)
		return;
	/* Somebody else may still hold the pipe, such as a connection that ssh keeps for others. */
	if (remote_process_take_end(remote->process) && remote->checks_after_end++ > 0) {
		remote->output_ended = TRUE;
		check_end(remote);
		return;
	}
	/* What we do not read keeps back the rest. */
	if (remote->output_source == 0)
		remote->heard = now;
	if (now - remote->heard < limit)
		return;
	end(remote, g_error_new(REMOTE_ERROR, REMOTE_ERROR_FAILED,
				"%s: the connection is lost: nothing was heard for %d s",
				remote->label, (int)(limit / 1000000000)));
}

void remote_input_stop(RemoteInput *remote)
{
	remote->stopping = TRUE;
	remote_process_close_input(remote->process);
	remote_input_watch_output(remote);
}

void remote_input_give_up(RemoteInput *remote)
{
	if (!remote->ended)
		end(remote, g_error_new(REMOTE_ERROR, REMOTE_ERROR_FAILED,
					"%s: it did not end in time: its last packets and its "
					"statistics are missing",
					remote->label));
}
