// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

G_DEFINE_QUARK(xdpshark_reader_error, reader_error)

/* So long it may take until others see that a program is at work which has read the clock since, in
 * ns: far more than a processor holds back a store. */
#define ORDER_WINDOW_NS 50000

/* No program is at work for longer, but one whose processor stands still; then order gives way. */
#define ORDER_PATIENCE_NS 100000000

typedef struct {
	Rings rings;
	gsize cpus_size, segments_size;
	/* mapped */
	struct xdpshark_control *control;
	struct xdpshark_cpu *cpus;
	guint8 *segments;
	gulong *wake_consumer; /* positions of the ring buffer by which the programs wake us */
	const gulong *wake_producer;
	GArray *ringless; /* guint: CPUs that have captured nothing yet */
} Source;

struct Reader {
	int epoll_fd;
	Merge *merge;
	GArray *sources; /* Source, by session */
	guint cpus;	 /* whose packets may come, of all sessions together */
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
	reader->merge = merge_new();
	reader->sources = g_array_new(FALSE, TRUE, sizeof(Source));
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

static void source_clear(Source *source)
{
	unmap(source->control, page_size());
	unmap(source->cpus, source->cpus_size);
	unmap(source->segments, source->segments_size);
	unmap(source->wake_consumer, page_size());
	unmap(source->wake_producer, page_size());
	if (source->ringless)
		g_array_unref(source->ringless);
}

void reader_free(Reader *reader)
{
	if (!reader)
		return;
	for (guint i = 0; i < reader->sources->len; i++)
		source_clear(&g_array_index(reader->sources, Source, i));
	merge_free(reader->merge);
	g_array_unref(reader->sources);
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

/* What was mapped before a failure stays in the source. */
static gboolean map_source(Source *source, const Rings *rings, GError **error)
{
	const int both = PROT_READ | PROT_WRITE;

	source->rings = *rings;
	source->cpus_size = whole_pages(rings->cpu_count * sizeof(struct xdpshark_cpu));
	source->segments_size = whole_pages((gsize)rings->segment_count * rings->segment_size);
	source->control = map(rings->control, page_size(), both, 0, "control map", error);
	if (source->control)
		source->cpus = map(rings->cpus, source->cpus_size, both, 0, "counters", error);
	if (source->cpus)
		source->segments =
			map(rings->segments, source->segments_size, both, 0, "rings", error);
	if (source->segments)
		source->wake_consumer = map(rings->wake, page_size(), both, 0, "wake-up", error);
	if (source->wake_consumer)
		source->wake_producer =
			map(rings->wake, page_size(), PROT_READ, page_size(), "wake-up", error);
	return source->wake_producer != NULL;
}

/* A CPU takes its ring for its first packet: TRUE if this one has. */
static gboolean add_ring(Reader *reader, guint session, guint cpu)
{
	const Source *source = &g_array_index(reader->sources, Source, session);
	const Rings *rings = &source->rings;
	Ring ring;

	if (!ring_init(&ring, &source->cpus[cpu], source->segments, rings->segment_count,
		       rings->segment_size))
		return FALSE;
	merge_add(reader->merge, &ring, session);
	return TRUE;
}

static void add_new_rings(Reader *reader)
{
	for (guint session = 0; session < reader->sources->len; session++) {
		GArray *ringless = g_array_index(reader->sources, Source, session).ringless;

		for (guint i = ringless->len; i-- > 0;)
			if (add_ring(reader, session, g_array_index(ringless, guint, i)))
				g_array_remove_index_fast(ringless, i);
	}
}

static gboolean has_new_rings(const Source *source)
{
	for (guint i = 0; i < source->ringless->len; i++) {
		guint cpu = g_array_index(source->ringless, guint, i);

		if (__atomic_load_n(&source->cpus[cpu].segments, __ATOMIC_RELAXED) > 0)
			return TRUE;
	}
	return FALSE;
}

gboolean reader_add(Reader *reader, const Rings *rings, GError **error)
{
	struct epoll_event event = { .events = EPOLLIN };
	Source source = { 0 };

	if (!map_source(&source, rings, error)) {
		source_clear(&source);
		return FALSE;
	}
	if (epoll_ctl(reader->epoll_fd, EPOLL_CTL_ADD, rings->wake, &event) < 0) {
		g_set_error(error, READER_ERROR, 0, "cannot wait for the capture's packets: %s",
			    g_strerror(errno));
		source_clear(&source);
		return FALSE;
	}
	/* The last element is no CPU's. */
	source.ringless = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint cpu = 0; cpu + 1 < rings->cpu_count; cpu++) {
		g_array_append_val(source.ringless, cpu);
		/* Its ring may fill up before we have seen it. */
		__atomic_store_n(&source.cpus[cpu].alarm, 2, __ATOMIC_RELAXED);
	}
	reader->cpus += source.ringless->len;
	g_array_append_val(reader->sources, source);
	return TRUE;
}

/* No record that a look from here on does not see is older than this: its program has not begun
 * yet, or says what time its packet has. */
static guint64 find_horizon(const Reader *reader, guint64 now)
{
	guint64 horizon = now - ORDER_WINDOW_NS;

	for (guint i = 0; i < reader->sources->len; i++) {
		const Source *source = &g_array_index(reader->sources, Source, i);

		for (guint cpu = 0; cpu + 1 < source->rings.cpu_count; cpu++) {
			const struct xdpshark_cpu *state = &source->cpus[cpu];
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

MergeLoad reader_load(const Reader *reader)
{
	return merge_load(reader->merge);
}

const RingPacket *reader_next(Reader *reader, guint *session)
{
	return merge_next(reader->merge, session);
}

void reader_release(Reader *reader)
{
	merge_release(reader->merge);
}

gboolean reader_pending(const Reader *reader)
{
	for (guint i = 0; i < reader->sources->len; i++)
		if (has_new_rings(&g_array_index(reader->sources, Source, i)))
			return TRUE;
	return merge_pending(reader->merge);
}

int reader_fd(const Reader *reader)
{
	return reader->epoll_fd;
}

void reader_acknowledge(Reader *reader)
{
	for (guint i = 0; i < reader->sources->len; i++) {
		Source *source = &g_array_index(reader->sources, Source, i);
		gulong woken = __atomic_load_n(source->wake_producer, __ATOMIC_ACQUIRE);

		if (woken != *source->wake_consumer)
			__atomic_store_n(source->wake_consumer, woken, __ATOMIC_RELEASE);
	}
}

void reader_set_alarms(Reader *reader)
{
	merge_set_alarms(reader->merge);
}

void reader_arm(Reader *reader)
{
	for (guint i = 0; i < reader->sources->len; i++)
		__atomic_store_n(&g_array_index(reader->sources, Source, i).control->armed, 1,
				 __ATOMIC_SEQ_CST);
	/* The last look must not be done before the flag is visible. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void reader_close(Reader *reader)
{
	for (guint i = 0; i < reader->sources->len; i++)
		__atomic_store_n(&g_array_index(reader->sources, Source, i).control->closed, 1,
				 __ATOMIC_SEQ_CST);
}

void reader_counts(const Reader *reader, guint session, Counts *ret_counts)
{
	const Source *source = &g_array_index(reader->sources, Source, session);

	memset(ret_counts, 0, sizeof(*ret_counts));
	for (guint cpu = 0; cpu < source->rings.cpu_count; cpu++)
		for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
			for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
				ret_counts->outcomes[slot][outcome] +=
					__atomic_load_n(&source->cpus[cpu].outcomes[slot][outcome],
							__ATOMIC_RELAXED);
}
