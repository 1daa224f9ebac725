// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

G_DEFINE_QUARK(xdpshark_reader_error, reader_error)

/* How long the newest packets wait for those of other CPUs, in ns: far more than it takes a program
 * from reading the clock to submitting its record. */
#define ORDER_WINDOW_NS 1000000

/* After so many records their room is given back, or a ring would stay full during a long batch. */
#define PUBLISH_INTERVAL 64

/* A BPF ring buffer as the kernel maps it (kernel/bpf/ringbuf.c): a page that the reader writes, a
 * page that the kernel writes, then the data twice in a row, so that no record is split. */
typedef struct {
	guint session;
	gulong *consumer;	/* published position */
	const gulong *producer; /* kernel's position */
	const guint8 *data;
	gulong mask;
	gulong position; /* of the next record */
	gulong end;	 /* kernel's position at the last look */
	const struct xdpshark_record *head;
	gulong head_length; /* of the record in the ring, header and padding included */
	void *mapped;
	gsize mapped_size;
} Ring;

typedef struct {
	struct xdpshark_control *control;
	const struct xdpshark_cpu *cpus;
	guint cpu_count;
	gsize page_size;
	gsize cpus_size;
} Source;

struct Reader {
	int epoll_fd;
	GArray *rings;	 /* Ring */
	GArray *sources; /* Source, by session */
	Ring *active;	 /* whose head was returned last */
	guint64 limit;	 /* the active ring leads up to this time */
	guint64 horizon; /* nothing newer is returned before the next look */
	guint unpublished;
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
	reader->epoll_fd = fd;
	reader->rings = g_array_new(FALSE, TRUE, sizeof(Ring));
	reader->sources = g_array_new(FALSE, TRUE, sizeof(Source));
	return reader;
}

static gsize page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

void reader_free(Reader *reader)
{
	if (!reader)
		return;
	for (guint i = 0; i < reader->rings->len; i++) {
		Ring *ring = &g_array_index(reader->rings, Ring, i);

		munmap(ring->consumer, page_size());
		munmap(ring->mapped, ring->mapped_size);
	}
	for (guint i = 0; i < reader->sources->len; i++) {
		Source *source = &g_array_index(reader->sources, Source, i);

		munmap(source->control, source->page_size);
		munmap((void *)source->cpus, source->cpus_size);
	}
	g_array_unref(reader->rings);
	g_array_unref(reader->sources);
	close(reader->epoll_fd);
	g_free(reader);
}

static gboolean map_failed(const char *what, GError **error)
{
	g_set_error(error, READER_ERROR, 0, "cannot map the capture's %s: %s", what,
		    g_strerror(errno));
	return FALSE;
}

static gboolean add_ring(Reader *reader, int fd, gsize size, GError **error)
{
	Ring ring = { .session = reader->sources->len,
		      .mask = size - 1,
		      .mapped_size = page_size() + 2 * size };
	struct epoll_event event = { .events = EPOLLIN };

	ring.consumer = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring.consumer == MAP_FAILED)
		return map_failed("ring", error);
	ring.mapped = mmap(NULL, ring.mapped_size, PROT_READ, MAP_SHARED, fd, page_size());
	if (ring.mapped == MAP_FAILED ||
	    epoll_ctl(reader->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		map_failed("ring", error);
		if (ring.mapped != MAP_FAILED)
			munmap(ring.mapped, ring.mapped_size);
		munmap(ring.consumer, page_size());
		return FALSE;
	}
	ring.producer = ring.mapped;
	ring.data = (guint8 *)ring.mapped + page_size();
	ring.position = __atomic_load_n(ring.consumer, __ATOMIC_ACQUIRE);
	ring.end = ring.position;
	g_array_append_val(reader->rings, ring);
	reader->active = NULL; /* the array may have moved */
	return TRUE;
}

gboolean reader_add(Reader *reader, const SessionRings *rings, GError **error)
{
	Source source = { .cpu_count = rings->cpu_count, .page_size = page_size() };

	source.cpus_size = rings->cpu_count * sizeof(struct xdpshark_cpu);
	source.cpus_size = (source.cpus_size + source.page_size - 1) & ~(source.page_size - 1);
	for (guint i = 0; i < rings->ring_count; i++)
		if (!add_ring(reader, rings->rings[i], rings->ring_size, error))
			return FALSE;
	source.control =
		mmap(NULL, source.page_size, PROT_READ | PROT_WRITE, MAP_SHARED, rings->control, 0);
	if (source.control == MAP_FAILED)
		return map_failed("control map", error);
	source.cpus = mmap(NULL, source.cpus_size, PROT_READ, MAP_SHARED, rings->cpus, 0);
	if (source.cpus == MAP_FAILED) {
		map_failed("counters", error);
		munmap(source.control, source.page_size);
		return FALSE;
	}
	g_array_append_val(reader->sources, source);
	return TRUE;
}

/* The record at the ring's position, or NULL if there is none yet. Passes over discarded ones. */
static const struct xdpshark_record *ring_head(Ring *ring)
{
	while (ring->position < ring->end) {
		const guint32 *header =
			(const guint32 *)(ring->data + (ring->position & ring->mask));
		guint32 length = __atomic_load_n(header, __ATOMIC_ACQUIRE);

		if (length & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		ring->head_length =
			((length & ~BPF_RINGBUF_DISCARD_BIT) + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
		if (!(length & BPF_RINGBUF_DISCARD_BIT))
			return (const void *)((const guint8 *)header + BPF_RINGBUF_HDR_SZ);
		ring->position += ring->head_length;
	}
	return NULL;
}

void reader_look(Reader *reader, guint64 monotonic, gboolean final)
{
	gboolean ordered = reader->rings->len > 1 && !final;

	reader->horizon = ordered ? monotonic - ORDER_WINDOW_NS : G_MAXUINT64;
	reader->active = NULL;
	for (guint i = 0; i < reader->rings->len; i++) {
		Ring *ring = &g_array_index(reader->rings, Ring, i);

		ring->end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
		ring->head = ring_head(ring);
	}
}

/* Makes the ring with the oldest record the active one, up to the oldest record of all others. */
static void choose_active(Reader *reader)
{
	guint64 oldest = G_MAXUINT64;

	reader->active = NULL;
	reader->limit = reader->horizon;
	for (guint i = 0; i < reader->rings->len; i++) {
		Ring *ring = &g_array_index(reader->rings, Ring, i);

		if (!ring->head)
			continue;
		if (!reader->active || ring->head->time < oldest) {
			if (reader->active)
				reader->limit = MIN(reader->limit, oldest);
			oldest = ring->head->time;
			reader->active = ring;
		} else {
			reader->limit = MIN(reader->limit, ring->head->time);
		}
	}
	if (oldest > reader->horizon)
		reader->active = NULL;
}

const struct xdpshark_record *reader_next(Reader *reader, guint *session)
{
	Ring *ring = reader->active;
	const struct xdpshark_record *record;

	if (reader->unpublished >= PUBLISH_INTERVAL)
		reader_publish(reader);
	if (!ring || !ring->head || ring->head->time > reader->limit) {
		choose_active(reader);
		ring = reader->active;
		if (!ring)
			return NULL;
	}
	record = ring->head;
	ring->position += ring->head_length;
	ring->head = ring_head(ring);
	reader->unpublished++;
	*session = ring->session;
	return record;
}

void reader_publish(Reader *reader)
{
	for (guint i = 0; i < reader->rings->len; i++) {
		Ring *ring = &g_array_index(reader->rings, Ring, i);

		__atomic_store_n(ring->consumer, ring->position, __ATOMIC_RELEASE);
	}
	reader->unpublished = 0;
}

gboolean reader_pending(const Reader *reader)
{
	for (guint i = 0; i < reader->rings->len; i++) {
		const Ring *ring = &g_array_index(reader->rings, Ring, i);

		if (__atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) != ring->position)
			return TRUE;
	}
	return FALSE;
}

int reader_fd(const Reader *reader)
{
	return reader->epoll_fd;
}

void reader_arm(Reader *reader)
{
	for (guint i = 0; i < reader->sources->len; i++) {
		Source *source = &g_array_index(reader->sources, Source, i);

		__atomic_store_n(&source->control->armed, 1, __ATOMIC_SEQ_CST);
	}
	/* The last look must not be done before the flag is visible. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void reader_beat(Reader *reader, guint64 monotonic)
{
	for (guint i = 0; i < reader->sources->len; i++) {
		Source *source = &g_array_index(reader->sources, Source, i);

		__atomic_store_n(&source->control->heartbeat, monotonic, __ATOMIC_RELAXED);
	}
}

void reader_counts(const Reader *reader, guint session, ReaderCounts *counts)
{
	const Source *source = &g_array_index(reader->sources, Source, session);

	memset(counts, 0, sizeof(*counts));
	for (guint cpu = 0; cpu < source->cpu_count; cpu++)
		for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
			for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
				counts->outcomes[action][outcome] += __atomic_load_n(
					&source->cpus[cpu].outcomes[action][outcome],
					__ATOMIC_RELAXED);
}

static guint64 sum(const ReaderCounts *counts, guint actions, guint first, guint last)
{
	guint64 total = 0;

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (actions >> action & 1)
			for (guint outcome = first; outcome <= last; outcome++)
				total += counts->outcomes[action][outcome];
	return total;
}

guint64 reader_counts_received(const ReaderCounts *counts, guint actions)
{
	return sum(counts, actions, 0, XDPSHARK_OUTCOMES - 1);
}

guint64 reader_counts_matched(const ReaderCounts *counts, guint actions)
{
	return sum(counts, actions, XDPSHARK_SAMPLED, XDPSHARK_LOST_READER);
}

guint64 reader_counts_lost(const ReaderCounts *counts, guint actions)
{
	return sum(counts, actions, XDPSHARK_LOST_FULL, XDPSHARK_LOST_READER);
}

guint64 reader_counts_braked(const ReaderCounts *counts, guint actions)
{
	return sum(counts, actions, XDPSHARK_SAMPLED, XDPSHARK_LIMITED);
}
