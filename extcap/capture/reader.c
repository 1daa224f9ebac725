// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

G_DEFINE_QUARK(xdpshark_reader_error, reader_error)

/* How long it may take, in ns, until others see that a program is busy which has already read the
 * clock: far longer than a processor holds back a store. */
#define ORDER_WINDOW_NS 50000

/* A program is never busy for longer, in ns, unless its processor stands still. Then packets are
 * returned out of order. */
#define ORDER_PATIENCE_NS 100000000

typedef struct {
	Rings rings;
	gsize cpus_size, segments_size;
	/* mapped */
	struct xdpshark_control *control;
	struct xdpshark_cpu *cpus;
	guint8 *segments;
	gulong *wake_consumer; /* positions in the ring buffer through which the programs wake us */
	const gulong *wake_producer;
	GArray *ringless; /* guint: CPUs that have not captured anything yet */
} SessionRings;

static const InputType reader_input_type;

struct Reader {
	Input input;
	int epoll_fd;
	Merge *merge;
	GArray *sessions; /* SessionRings, by number */
	guint cpus;	  /* that packets may come from, of all sessions together */
};

Reader *reader_new(GError **error)
{
	Reader *reader;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, READER_ERROR, 0, "cannot create an epoll descriptor: %s",
			    g_strerror(errno));
		return NULL;
	}
	reader = g_new0(Reader, 1);
	reader->input.type = &reader_input_type;
	reader->epoll_fd = fd;
	reader->merge = merge_new();
	reader->sessions = g_array_new(FALSE, TRUE, sizeof(SessionRings));
	return reader;
}

static gsize page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void unmap(const void *address, gsize size)
{
	if (address && address != MAP_FAILED)
		munmap((void *)address, size);
}

static void session_clear(SessionRings *mapped)
{
	unmap(mapped->control, page_size());
	unmap(mapped->cpus, mapped->cpus_size);
	unmap(mapped->segments, mapped->segments_size);
	unmap(mapped->wake_consumer, page_size());
	unmap(mapped->wake_producer, page_size());
	if (mapped->ringless)
		g_array_unref(mapped->ringless);
}

void reader_free(Reader *reader)
{
	if (!reader)
		return;
	for (guint i = 0; i < reader->sessions->len; i++)
		session_clear(&g_array_index(reader->sessions, SessionRings, i));
	merge_free(reader->merge);
	g_array_unref(reader->sessions);
	close(reader->epoll_fd);
	g_free(reader);
}

static void set_map_error(GError **error, const char *what, int reason)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };

	if (reason == ENOMEM && getrlimit(RLIMIT_AS, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		g_set_error(error, READER_ERROR, 0,
			    "cannot map the capture's %s: the address space is limited to "
			    "%" G_GUINT64_FORMAT " MiB: raise that (ulimit -v), or give a smaller "
			    "--buffer",
			    what, (guint64)limit.rlim_cur >> 20);
	else
		g_set_error(error, READER_ERROR, 0, "cannot map the capture's %s: %s", what,
			    g_strerror(reason));
}

/* NULL if it fails. */
static void *map(int fd, gsize size, int protection, gsize offset, const char *what, GError **error)
{
	void *address = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);

	if (address != MAP_FAILED)
		return address;
	set_map_error(error, what, errno);
	return NULL;
}

static gsize whole_pages(gsize size)
{
	return (size + page_size() - 1) & ~(page_size() - 1);
}

/* After a failure, what was mapped before stays mapped. */
static gboolean map_session(SessionRings *mapped, const Rings *rings, GError **error)
{
	const int both = PROT_READ | PROT_WRITE;

	mapped->rings = *rings;
	mapped->cpus_size = whole_pages(rings->cpu_count * sizeof(struct xdpshark_cpu));
	mapped->segments_size = whole_pages((gsize)rings->segment_count * rings->segment_size);
	mapped->control = map(rings->control, page_size(), both, 0, "control map", error);
	if (mapped->control)
		mapped->cpus = map(rings->cpus, mapped->cpus_size, both, 0, "counters", error);
	if (mapped->cpus)
		mapped->segments =
			map(rings->segments, mapped->segments_size, both, 0, "rings", error);
	if (mapped->segments)
		mapped->wake_consumer = map(rings->wake, page_size(), both, 0, "wake-up", error);
	if (mapped->wake_consumer)
		mapped->wake_producer =
			map(rings->wake, page_size(), PROT_READ, page_size(), "wake-up", error);
	return mapped->wake_producer != NULL;
}

/* A CPU takes a ring when it captures its first packet. TRUE if this CPU has one. */
static gboolean add_ring(Reader *reader, guint session, guint cpu)
{
	const SessionRings *mapped = &g_array_index(reader->sessions, SessionRings, session);
	const Rings *rings = &mapped->rings;
	Ring ring;

	if (!ring_init(&ring, &mapped->cpus[cpu], mapped->segments, rings->segment_count,
		       rings->segment_size))
		return FALSE;
	merge_add(reader->merge, &ring, session);
	return TRUE;
}

static void add_new_rings(Reader *reader)
{
	for (guint session = 0; session < reader->sessions->len; session++) {
		GArray *ringless = g_array_index(reader->sessions, SessionRings, session).ringless;

		for (guint i = ringless->len; i-- > 0;)
			if (add_ring(reader, session, g_array_index(ringless, guint, i)))
				g_array_remove_index_fast(ringless, i);
	}
}

static gboolean has_new_rings(const SessionRings *mapped)
{
	for (guint i = 0; i < mapped->ringless->len; i++) {
		guint cpu = g_array_index(mapped->ringless, guint, i);

		if (__atomic_load_n(&mapped->cpus[cpu].segments, __ATOMIC_RELAXED) > 0)
			return TRUE;
	}
	return FALSE;
}

gboolean reader_add(Reader *reader, const Rings *rings, GError **error)
{
	struct epoll_event event = { .events = EPOLLIN };
	SessionRings mapped = { 0 };

	if (!map_session(&mapped, rings, error)) {
		session_clear(&mapped);
		return FALSE;
	}
	if (epoll_ctl(reader->epoll_fd, EPOLL_CTL_ADD, rings->wake, &event) < 0) {
		g_set_error(error, READER_ERROR, 0, "cannot wait for the capture's packets: %s",
			    g_strerror(errno));
		session_clear(&mapped);
		return FALSE;
	}
	/* The last element belongs to no CPU. */
	mapped.ringless = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint cpu = 0; cpu + 1 < rings->cpu_count; cpu++) {
		g_array_append_val(mapped.ringless, cpu);
		/* The ring may fill up before we notice it. */
		__atomic_store_n(&mapped.cpus[cpu].alarm, 2, __ATOMIC_RELAXED);
	}
	reader->cpus += mapped.ringless->len;
	g_array_append_val(reader->sessions, mapped);
	return TRUE;
}

/* A record that a look from here on misses is no older than this: its program has not started yet,
 * or shows the time of its packet. */
static guint64 find_horizon(const Reader *reader, guint64 now)
{
	guint64 horizon = now - ORDER_WINDOW_NS;

	for (guint i = 0; i < reader->sessions->len; i++) {
		const SessionRings *mapped = &g_array_index(reader->sessions, SessionRings, i);

		for (guint cpu = 0; cpu + 1 < mapped->rings.cpu_count; cpu++) {
			const struct xdpshark_cpu *state = &mapped->cpus[cpu];
			guint64 began;

			if (!__atomic_load_n(&state->busy, __ATOMIC_ACQUIRE))
				continue;
			began = __atomic_load_n(&state->began, __ATOMIC_ACQUIRE);
			if (now - began < ORDER_PATIENCE_NS)
				horizon = MIN(horizon, began);
		}
	}
	return horizon;
}

void reader_look(Reader *reader, guint64 monotonic, gboolean final)
{
	gboolean ordered = reader->cpus > 1 && !final;
	guint64 horizon = ordered ? find_horizon(reader, monotonic) : G_MAXUINT64;

	add_new_rings(reader);
	merge_look(reader->merge, horizon);
}

const RingPacket *reader_next(Reader *reader, guint *ret_session)
{
	return merge_next(reader->merge, ret_session);
}

void reader_release(Reader *reader)
{
	merge_release(reader->merge);
}

gboolean reader_pending(const Reader *reader)
{
	for (guint i = 0; i < reader->sessions->len; i++)
		if (has_new_rings(&g_array_index(reader->sessions, SessionRings, i)))
			return TRUE;
	return merge_pending(reader->merge);
}

void reader_close(Reader *reader)
{
	for (guint i = 0; i < reader->sessions->len; i++)
		__atomic_store_n(&g_array_index(reader->sessions, SessionRings, i).control->closed,
				 1, __ATOMIC_SEQ_CST);
}

Input *reader_input(Reader *reader)
{
	return &reader->input;
}

static void input_look(Input *input, guint64 now, gboolean final)
{
	reader_look((Reader *)input, now, final);
}

static PaceLoad input_load(const Input *input)
{
	return merge_load(((const Reader *)input)->merge);
}

static guint64 input_peek(Input *input, const Clock *clock)
{
	guint64 time = merge_peek(((Reader *)input)->merge);

	return time == RING_EMPTY ? INPUT_EMPTY : clock_realtime(clock, time);
}

/* The part of a ring that packets may fill while they wait for those of other hosts. */
#define WAITING_MAX 0.25

static guint64 input_since(Input *input)
{
	Merge *merge = ((Reader *)input)->merge;

	return merge_load(merge).fullest > WAITING_MAX ? 0 : merge_peek(merge);
}

static void input_move(Input *input, const InputRun *run)
{
	Merge *merge = ((Reader *)input)->merge;
	const RingPacket *packet;
	guint session;

	while (!input_run_is_over(run)) {
		if (run->until != INPUT_EMPTY && input_peek(input, run->clock) > run->until)
			return;
		if (run->settled != G_MAXUINT64 && input_since(input) > run->settled)
			return;
		packet = merge_next(merge, &session);
		if (!packet)
			return;
		if (run->latest)
			*run->latest = MAX(*run->latest, clock_realtime(run->clock, packet->time));
		stream_append_packet(run->stream, run->out, session, packet);
	}
}

static void input_release(Input *input)
{
	reader_release((Reader *)input);
}

static gboolean input_pending(const Input *input)
{
	return reader_pending((const Reader *)input);
}

static int input_fd(const Input *input)
{
	return ((const Reader *)input)->epoll_fd;
}

static void input_acknowledge(Input *input)
{
	const Reader *reader = (const Reader *)input;

	for (guint i = 0; i < reader->sessions->len; i++) {
		SessionRings *mapped = &g_array_index(reader->sessions, SessionRings, i);
		gulong woken = __atomic_load_n(mapped->wake_producer, __ATOMIC_ACQUIRE);

		if (woken != *mapped->wake_consumer)
			__atomic_store_n(mapped->wake_consumer, woken, __ATOMIC_RELEASE);
	}
}

static void input_arm(Input *input)
{
	const Reader *reader = (const Reader *)input;

	for (guint i = 0; i < reader->sessions->len; i++)
		__atomic_store_n(&g_array_index(reader->sessions, SessionRings, i).control->armed,
				 1, __ATOMIC_SEQ_CST);
	/* The last look must not be done before the flag is visible. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void input_set_alarms(Input *input)
{
	merge_set_alarms(((const Reader *)input)->merge);
}

/* The counters of a session. */
static void read_counts(const Reader *reader, guint session, Counts *ret_counts)
{
	const SessionRings *mapped = &g_array_index(reader->sessions, SessionRings, session);

	memset(ret_counts, 0, sizeof(*ret_counts));
	for (guint cpu = 0; cpu < mapped->rings.cpu_count; cpu++)
		for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
			for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
				ret_counts->outcomes[slot][outcome] +=
					__atomic_load_n(&mapped->cpus[cpu].outcomes[slot][outcome],
							__ATOMIC_RELAXED);
}

static void input_count(const Input *input, Counts *sum)
{
	const Reader *reader = (const Reader *)input;

	for (guint i = 0; i < reader->sessions->len; i++) {
		Counts counts;

		read_counts(reader, i, &counts);
		counts_add(sum, &counts);
	}
}

static void input_append_statistics(Input *input, Stream *stream, GByteArray *out, guint64 start,
				    guint64 end)
{
	const Reader *reader = (const Reader *)input;

	for (guint i = 0; i < reader->sessions->len; i++) {
		Counts counts;

		read_counts(reader, i, &counts);
		stream_append_statistics(stream, out, i, &counts, start, end);
	}
}

static const InputType reader_input_type = {
	.look = input_look,
	.load = input_load,
	.peek = input_peek,
	.since = input_since,
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
