/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the bytes of a frame in fragments (struct skb_shared_info) into one place.
 */
#ifndef XDPSHARK_FRAGMENTS_BPF_H
#define XDPSHARK_FRAGMENTS_BPF_H

#include "kernel.bpf.h"

#include "ring.bpf.h"

/* Bytes of a fragment that are copied at once. */
#define PIECE	     4096
/* Fragments of a frame, at most. */
#define FRAGMENTS    17
/* Pieces of the largest packet: each fragment has a last one that is not full. */
#define PIECES	     (XDPSHARK_SNAPLEN_MAX / PIECE + FRAGMENTS)
/* The last piece begins before that: where bytes are gathered, there must be room for PIECE more.
 */
#define GATHERED_MAX XDPSHARK_SNAPLEN_MAX

/* How far the copying has come. It must lie in a map: the verifier is to see the same in each
 * round, so that what is known from one to the next stands in memory. */
struct gathering {
	__u32 copied;
	__u32 piece;
	__u32 fragment;
	__u32 within;
};

/* Where the kernel's vmemmap_base and page_offset_base are (kernel_symbols_find_pages() of the
 * loader). */
struct page_bases {
	__u64 pages, memory;
};

/* A page's memory, as the kernel's page_address() finds it on x86-64. */
static __always_inline __u64 page_memory(__u64 page, struct page_bases bases)
{
	__u64 pages = 0, memory = 0;

	bpf_probe_read_kernel(&pages, sizeof(pages), (void *)bases.pages);
	bpf_probe_read_kernel(&memory, sizeof(memory), (void *)bases.memory);
	return memory + ((page - pages) / bpf_core_type_size(struct page) << 12);
}

/* Copies bytes of a page to to + copied, which is at most `last`. Old verifiers forget the bounds
 * of what is put aside, so that each is checked last before it is used. */
static __always_inline long copy_page(__u8 *to, __u64 copied, __u64 last, __u64 from, __u32 size)
{
	KEEP(from);
	asm volatile("if %[copied] <= %[last] goto +1\n\t%[copied] = 0"
		     : [copied] "+r"(copied)
		     : [last] "r"(last));
	to += copied;
	KEEP(to);
	return bpf_probe_read_kernel(to, bounded_size(size, PIECE), (void *)from);
}

/* Copies a piece of the next fragment to `to`. Returns 0 when there is no more. */
static __always_inline int gather_piece(struct skb_shared_info *info, struct page_bases bases,
					volatile struct gathering *gathering, __u8 *to,
					__u32 length)
{
	__u32 index = gathering->fragment, within = gathering->within, size, copied;
	struct bio_vec fragment;

	if (index >= FRAGMENTS || gathering->copied >= length)
		return 0;
	if (bpf_probe_read_kernel(&fragment, sizeof(fragment), &info->frags[index]))
		return 0;
	if (fragment.page & 1) /* no memory of this machine: a net_iov */
		return 0;
	size = fragment.length - within;
	size = size < PIECE ? size : PIECE;
	gathering->piece = size < length - gathering->copied ? size : length - gathering->copied;
	size = gathering->piece;
	copied = gathering->copied;
	if (copied > GATHERED_MAX || size == 0 ||
	    copy_page(to, copied, GATHERED_MAX,
		      page_memory(fragment.page, bases) + fragment.offset + within, size))
		return 0;
	gathering->copied = copied + size;
	gathering->within = within + size;
	if (gathering->within >= fragment.length) {
		gathering->fragment = index + 1;
		gathering->within = 0;
	}
	return 1;
}

/* Puts the first `length` bytes into one place: those at `data`, of which there are `linear`, and
 * those of the fragments. Returns how many there are then; 0 if they cannot be read. */
static __always_inline __u32 gather(const void *data, __u32 linear, struct skb_shared_info *info,
				    struct page_bases bases, volatile struct gathering *gathering,
				    __u8 *to, __u32 length)
{
	if (linear && bpf_probe_read_kernel(to, bounded_size(linear, GATHERED_MAX), data))
		return 0;
	gathering->copied = linear;
	gathering->fragment = 0;
	gathering->within = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < PIECES; i++)
		if (!gather_piece(info, bases, gathering, to, length))
			break;
	return gathering->copied;
}

#endif /* XDPSHARK_FRAGMENTS_BPF_H */
