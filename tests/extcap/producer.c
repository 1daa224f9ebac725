// SPDX-License-Identifier: GPL-2.0-or-later
#include "producer.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct xdpshark_segment *segment_at(const Producer *producer, guint32 number)
{
	return (void *)(producer->memory + (gsize)number * SEGMENT_SIZE);
}

static gsize page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static gsize memory_size(guint32 segments)
{
	return ((BASE + segments) * (gsize)SEGMENT_SIZE + page_size() - 1) & ~(page_size() - 1);
}

void producer_init(Producer *producer, guint32 segments, guint32 before)
{
	gsize size = memory_size(segments);
	guint8 *pages = mmap(NULL, size + page_size(), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	g_assert_true(pages != MAP_FAILED);
	g_assert_cmpint(mprotect(pages + size, page_size(), PROT_NONE), ==, 0);
	*producer = (Producer){
		.cpu = g_new(struct xdpshark_cpu, 1),
		.memory = pages + size - (BASE + segments) * (gsize)SEGMENT_SIZE,
		.segments = segments,
	};
	*producer->cpu = (struct xdpshark_cpu){
		.base = BASE,
		.segments = segments,
		.current = BASE + segments - 1,
		.offset = SEGMENT_SIZE,
		.taken = before,
		.freed = before,
	};
}

void producer_clear(Producer *producer)
{
	gsize size = memory_size(producer->segments);

	munmap(producer->memory + (BASE + producer->segments) * (gsize)SEGMENT_SIZE - size,
	       size + page_size());
	g_free(producer->cpu);
}

Ring producer_ring(const Producer *producer)
{
	Ring ring;

	g_assert_true(ring_init(&ring, producer->cpu, producer->memory, BASE + producer->segments,
				SEGMENT_SIZE));
	return ring;
}

static gboolean take_segment(Producer *producer)
{
	struct xdpshark_cpu *cpu = producer->cpu;

	if (cpu->taken - __atomic_load_n(&cpu->freed, __ATOMIC_ACQUIRE) >= producer->segments)
		return FALSE;
	if (++cpu->current >= BASE + producer->segments)
		cpu->current = BASE;
	memset(segment_at(producer, cpu->current), 0, SEGMENT_SIZE);
	cpu->offset = 0;
	__atomic_store_n(&cpu->taken, cpu->taken + 1, __ATOMIC_RELEASE);
	return TRUE;
}

guint32 producer_extra(guint64 number)
{
	return (guint32)(number % 5 * 8);
}

/* With room for the bytes; NULL if there is no room for them. */
static struct xdpshark_record *add_record(Producer *producer, guint64 time, guint32 length)
{
	guint32 extra = producer_extra(producer->next), begin;
	guint32 size = (guint32)(sizeof(struct xdpshark_record) + extra + length + 7) & ~7U;
	struct xdpshark_record *record;

	if (producer->cpu->offset + size > DATA_SIZE && !take_segment(producer))
		return NULL;
	begin = producer->cpu->offset;
	record = (void *)(segment_at(producer, producer->cpu->current)->data + begin);
	*record = (struct xdpshark_record){
		.time = time,
		.packet = producer->next,
		.wire_length = length,
		.captured_length = length,
		.extra = extra,
	};
	memset(record->data, ~(int)(producer->next % 251), extra);
	producer->cpu->offset += size;
	return record;
}

static void publish(Producer *producer)
{
	struct xdpshark_segment *segment = segment_at(producer, producer->cpu->current);

	__atomic_store_n(&segment->used, producer->cpu->offset, __ATOMIC_RELEASE);
	producer->next++;
}

gboolean produce_at(Producer *producer, guint64 time)
{
	guint32 length = (guint32)(producer->next * 7919 % (LENGTH_MAX + 1));
	struct xdpshark_record *record = add_record(producer, time, length);

	if (!record)
		return FALSE;
	memset(record->data + record->extra, (int)(producer->next % 251), length);
	publish(producer);
	return TRUE;
}

gboolean produce_same(Producer *producer, guint32 other)
{
	const struct xdpshark_same same = { .record = other };
	struct xdpshark_record *record = add_record(producer, producer->next, sizeof(same));

	if (!record)
		return FALSE;
	record->kind = XDPSHARK_KIND_SAME;
	memcpy(record->data + record->extra, &same, sizeof(same));
	publish(producer);
	return TRUE;
}

gboolean produce(Producer *producer)
{
	return produce_at(producer, producer->next);
}
