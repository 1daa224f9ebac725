// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_input.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "pcapng.h"
#include "pcapng_guest.h"
#include "remote_changes.h"
#include "remote_process.h"
#include "remote_speech.h"
#include "status.h"

/* Read at once. */
#define READ_SIZE   (256 * 1024)
/* What may wait here. Then it waits in the connection, and at last in the rings there. At the end
 * of a capture, all that is left there is taken. */
#define WAITING_MAX ((gsize)4 * 1024 * 1024)
#define REST_MAX    ((gsize)256 * 1024 * 1024)

/* The other host ends its capture when it has heard nothing for this long, and speaks each second
 * itself. */
#define ALIVE	   "--alive=4"
#define SILENCE_NS (6 * G_GUINT64_CONSTANT(1000000000))
/* Somebody may have to type a passphrase. */
#define START_NS   (60 * G_GUINT64_CONSTANT(1000000000))

/* A host whose packets come this much too late is reported. */
#define LATE_NS G_GUINT64_CONSTANT(1000000000)

typedef struct {
	gboolean written;
	guint32 number;
	guint64 packets; /* in the current file */
} Interface;

typedef struct {
	guint64 end; /* of the stream's bytes that came then */
	guint64 time;
} Arrival;

struct RemoteInput {
	Input base;
	RemoteRequest request;
	char *label;
	RemoteProcess *process;
	RemoteSpeech *speech;
	RemoteChanges *changes; /* NULL: it has not offered any */
	PcapngGuest *guest;
	GArray *interfaces; /* Interface */
	guint file;	    /* for which their numbers are */
	GQueue arrivals;    /* Arrival * */
	guint64 came;	    /* bytes */
	/* the next packet */
	gboolean has_packet;
	guint interface;
	guint64 time;
	guint64 late; /* packets */
	gboolean late_reported;
	Counts counts;
	guint64 heard; /* monotonic, in ns: the last sign of life */
	guint checks_after_end;
	gboolean armed;
	int wake[2];
	guint output_source, error_source, end_source;
	gboolean output_ended, stopping, ended;
	GError *error;
};

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

/* Goes on to the next packet, if there is none yet. */
static void find_packet(RemoteInput *remote)
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

static void watch_output(RemoteInput *remote)
{
	if (remote->output_source == 0 && !remote->output_ended && !remote->ended)
		remote->output_source =
			g_unix_fd_add(remote_process_output(remote->process),
				      G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, remote);
}

static gsize waiting_max(const RemoteInput *remote)
{
	return remote->stopping ? REST_MAX : WAITING_MAX;
}

static gboolean on_output(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	static guint8 buffer[READ_SIZE];
	RemoteInput *remote = data;
	gssize length = read(fd, buffer, sizeof(buffer));
	Arrival *arrival;

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
	arrival = g_new(Arrival, 1);
	*arrival = (Arrival){ remote->came, remote->heard };
	g_queue_push_tail(&remote->arrivals, arrival);
	find_packet(remote);
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

static const SourceType *source_of(const RemoteInput *remote)
{
	return remote->changes ? remote_changes_base(remote->changes)->source : source_types[0];
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
	if (!status_parse(line, source_of(remote), &counts, &message))
		return FALSE;
	if (message) {
		text = g_strdup_printf("%s: %s", remote->label, message);
		remote->request.report(G_LOG_LEVEL_MESSAGE, text, remote->request.data);
	} else {
		remote->counts = counts;
	}
	return TRUE;
}

static guint64 input_peek(Input *input, const Clock *clock G_GNUC_UNUSED)
{
	RemoteInput *remote = (RemoteInput *)input;

	find_packet(remote);
	return remote->has_packet ? remote->time : INPUT_EMPTY;
}

static guint64 input_since(Input *input)
{
	RemoteInput *remote = (RemoteInput *)input;
	guint64 taken = pcapng_guest_taken(remote->guest);
	const Arrival *first;

	if (pcapng_guest_waiting(remote->guest) > WAITING_MAX / 2)
		return 0;
	while ((first = g_queue_peek_head(&remote->arrivals)) && first->end <= taken)
		g_free(g_queue_pop_head(&remote->arrivals));
	return first ? first->time : 0;
}

static gboolean input_absent(const Input *input)
{
	const RemoteInput *remote = (const RemoteInput *)input;

	return remote->ended || !pcapng_guest_has_begun(remote->guest);
}

static void input_look(Input *input G_GNUC_UNUSED, guint64 now G_GNUC_UNUSED,
		       gboolean final G_GNUC_UNUSED)
{
}

static PaceLoad input_load(const Input *input)
{
	gsize bytes = pcapng_guest_waiting(((const RemoteInput *)input)->guest);

	return (PaceLoad){ bytes, (gdouble)bytes / (gdouble)WAITING_MAX };
}

/* The interface as it is in the current file, which is to have it. */
static Interface *write_interface(RemoteInput *remote, Stream *stream, GByteArray *out, guint index)
{
	Interface *interface = &g_array_index(remote->interfaces, Interface, index);

	if (interface->written)
		return interface;
	interface->written = TRUE;
	interface->number = stream_claim_interface(stream);
	pcapng_guest_append_interface(remote->guest, out, index);
	return interface;
}

static void input_append_head(Input *input, Stream *stream, GByteArray *out)
{
	RemoteInput *remote = (RemoteInput *)input;

	find_packet(remote);
	if (remote->file != stream_file(stream))
		memset(remote->interfaces->data, 0, remote->interfaces->len * sizeof(Interface));
	remote->file = stream_file(stream);
	for (guint i = 0; i < remote->interfaces->len; i++)
		write_interface(remote, stream, out, i);
}

/* Its packets are behind those of others that are written already. */
static void note_late(RemoteInput *remote, guint64 latest)
{
	g_autofree char *text = NULL;

	remote->late++;
	if (remote->late_reported || latest - remote->time < LATE_NS)
		return;
	remote->late_reported = TRUE;
	text = g_strdup_printf("%s is behind: its packets are %.1f s older than others that came "
			       "before, and are not in order in the file (a slow connection, or a "
			       "clock that is wrong)",
			       remote->label, (gdouble)(latest - remote->time) / 1e9);
	remote->request.report(G_LOG_LEVEL_WARNING, text, remote->request.data);
}

static void input_move(Input *input, const InputRun *run)
{
	RemoteInput *remote = (RemoteInput *)input;

	while (!input_run_is_over(run)) {
		Interface *interface;

		find_packet(remote);
		if (!remote->has_packet || remote->time > run->until ||
		    (run->settled != G_MAXUINT64 && input_since(input) > run->settled))
			break;
		if (run->latest && remote->time < *run->latest)
			note_late(remote, *run->latest);
		if (run->latest)
			*run->latest = MAX(*run->latest, remote->time);
		interface = write_interface(remote, run->stream, run->out, remote->interface);
		interface->packets++;
		pcapng_guest_take(remote->guest, run->out, interface->number);
		stream_count_packets(run->stream, 1);
		remote->has_packet = FALSE;
	}
	if (pcapng_guest_waiting(remote->guest) < WAITING_MAX / 2)
		watch_output(remote);
}

static void input_release(Input *input G_GNUC_UNUSED)
{
}

static gboolean input_pending(const Input *input)
{
	return ((const RemoteInput *)input)->has_packet;
}

static int input_fd(const Input *input)
{
	return ((const RemoteInput *)input)->wake[0];
}

static void input_acknowledge(Input *input)
{
	char bytes[16];

	while (read(((const RemoteInput *)input)->wake[0], bytes, sizeof(bytes)) > 0)
		;
}

static void input_arm(Input *input)
{
	((RemoteInput *)input)->armed = TRUE;
}

static void input_set_alarms(Input *input)
{
	RemoteInput *remote = (RemoteInput *)input;

	/* There is always somebody who reads on; packets need not wait for the next round. */
	remote->armed |= !remote->has_packet;
}

static void input_count(const Input *input, Counts *sum)
{
	counts_add(sum, &((const RemoteInput *)input)->counts);
}

/* Those of the other host, where they have come: in the last file. */
static void input_append_statistics(Input *input, Stream *stream, GByteArray *out, guint64 start,
				    guint64 end_time)
{
	RemoteInput *remote = (RemoteInput *)input;

	find_packet(remote);
	/* They are behind packets that nobody wants, if --count has ended the capture. */
	if (remote->stopping)
		pcapng_guest_find_statistics(remote->guest);
	for (guint i = 0; i < remote->interfaces->len; i++) {
		const Interface *interface = write_interface(remote, stream, out, i);

		if (!pcapng_guest_append_statistics(remote->guest, out, i, interface->number,
						    interface->packets))
			stream_append_bare_statistics(stream, out, interface->number,
						      interface->packets, start, end_time);
	}
}

static const InputType remote_input_type = {
	.look = input_look,
	.load = input_load,
	.peek = input_peek,
	.since = input_since,
	.absent = input_absent,
	.append_head = input_append_head,
	.move = input_move,
	.release = input_release,
	.pending = input_pending,
	.fd = input_fd,
	.acknowledge = input_acknowledge,
	.arm = input_arm,
	.set_alarms = input_set_alarms,
	.count = input_count,
	.append_statistics = input_append_statistics,
};

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
	remote->request = *request;
	remote->label = g_strdup(host->label);
	remote->heard = monotonic_now();
	remote->process = process;
	remote->wake[0] = remote->wake[1] = -1;
	remote->speech = remote_speech_new(take_line, remote);
	remote->guest = pcapng_guest_new(host->label);
	remote->interfaces = g_array_new(FALSE, TRUE, sizeof(Interface));
	g_queue_init(&remote->arrivals);
	if (!g_unix_open_pipe(remote->wake, FD_CLOEXEC, error)) {
		remote_input_free(remote);
		return NULL;
	}
	g_unix_set_fd_nonblocking(remote->wake[0], TRUE, NULL);
	g_unix_set_fd_nonblocking(remote->wake[1], TRUE, NULL);
	watch_output(remote);
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
	watch_output(remote);
}

void remote_input_give_up(RemoteInput *remote)
{
	if (!remote->ended)
		end(remote, g_error_new(REMOTE_ERROR, REMOTE_ERROR_FAILED,
					"%s: it did not end in time: its last packets and its "
					"statistics are missing",
					remote->label));
}
