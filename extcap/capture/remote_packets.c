// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <unistd.h>

#include "remote_input_state.h"

/* A host whose packets come this much too late is reported. */
#define LATE_NS G_GUINT64_CONSTANT(1000000000)

static guint64 input_peek(Input *input, const Clock *clock G_GNUC_UNUSED)
{
	RemoteInput *remote = (RemoteInput *)input;

	remote_input_find_packet(remote);
	return remote->has_packet ? remote->time : INPUT_EMPTY;
}

static guint64 input_since(Input *input)
{
	RemoteInput *remote = (RemoteInput *)input;
	guint64 taken = pcapng_guest_taken(remote->guest);
	const RemoteArrival *first;

	if (pcapng_guest_waiting(remote->guest) > REMOTE_WAITING_MAX / 2)
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

	return (PaceLoad){ bytes, (gdouble)bytes / (gdouble)REMOTE_WAITING_MAX };
}

/* The interface as it is in the current file, which is to have it. */
static RemoteInterface *write_interface(RemoteInput *remote, Stream *stream, GByteArray *out,
					guint index)
{
	RemoteInterface *interface = &g_array_index(remote->interfaces, RemoteInterface, index);

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

	remote_input_find_packet(remote);
	if (remote->file != stream_file(stream))
		memset(remote->interfaces->data, 0,
		       remote->interfaces->len * sizeof(RemoteInterface));
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
		RemoteInterface *interface;

		remote_input_find_packet(remote);
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
	if (pcapng_guest_waiting(remote->guest) < REMOTE_WAITING_MAX / 2)
		remote_input_watch_output(remote);
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

static const SourceType *input_source(const Input *input)
{
	return ((const RemoteInput *)input)->source;
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

	remote_input_find_packet(remote);
	/* They are behind packets that nobody wants, if --count has ended the capture. */
	if (remote->stopping)
		pcapng_guest_find_statistics(remote->guest);
	for (guint i = 0; i < remote->interfaces->len; i++) {
		const RemoteInterface *interface = write_interface(remote, stream, out, i);

		if (!pcapng_guest_append_statistics(remote->guest, out, i, interface->number,
						    interface->packets))
			stream_append_bare_statistics(stream, out, interface->number,
						      interface->packets, start, end_time);
	}
}

const InputType remote_input_type = {
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
	.source = input_source,
	.count = input_count,
	.append_statistics = input_append_statistics,
};
