/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers the frames of a test run and sends them, and notes of each what the program under test
 * returned for it and where it arrived.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "numbered.h"

const volatile struct numbered_config config;
struct numbered_progress progress;

/* An element for each frame: the loader sets how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct treatment);
} treatments SEC(".maps");

/* The frame that a CPU is at work on, counted from 1; 0 for one that is not ours. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} current SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} under_test SEC(".maps");

/* The kernel's, as far as they are needed here. */
struct bpf_prog_aux {
	__u32 id;
} __attribute__((preserve_access_index));

struct bpf_prog {
	struct bpf_prog_aux *aux;
} __attribute__((preserve_access_index));

static __always_inline void write_number(struct numbered_frame *frame)
{
	__u32 number = progress.sent;

	for (int i = 0; i < 6; i++) {
		frame->to[i] = config.to[i];
		frame->from[i] = config.from[i];
	}
	frame->port = bpf_htons(NUMBERED_PORT + number % 5);
	frame->number = number;
	frame->mark = NUMBERED_MARK(number);
	progress.sent++;
}

/* A page is used for one frame after the other, with all that programs wrote into it. It forgets
 * how long it was made by others only if it was made shorter here. */
SEC("xdp")
int generator(struct xdp_md *ctx)
{
	struct numbered_frame *frame = (void *)(long)ctx->data;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	write_number(frame);
	if (bpf_xdp_adjust_tail(ctx, -NUMBERED_SPARE))
		return XDP_ABORTED;
	return (int)bpf_redirect(config.ifindex, 0);
}

/* The same where the kernel does not send the frames of test runs, but what is cloned from them. */
SEC("tc")
int cloner(struct __sk_buff *skb)
{
	struct numbered_frame *frame;

	if (bpf_skb_pull_data(skb, sizeof(*frame)))
		return TC_ACT_SHOT;
	frame = (void *)(long)skb->data;
	if ((void *)(frame + 1) > (void *)(long)skb->data_end)
		return TC_ACT_SHOT;
	write_number(frame);
	return (int)bpf_clone_redirect(skb, config.ifindex, 0);
}

static __always_inline struct treatment *treatment_of(const struct numbered_frame *frame)
{
	__u32 number = frame->number;

	if (frame->magic != NUMBERED_MAGIC)
		return NULL;
	return bpf_map_lookup_elem(&treatments, &number);
}

/* What a program under test does to its frame; whoever gets it knows what must be there. */
static __always_inline void rewrite(struct xdp_md *ctx, struct numbered_frame *frame)
{
	__u32 number = frame->number;

	frame->mark = ~frame->mark;
	bpf_xdp_adjust_tail(ctx, -(int)NUMBERED_CUT(number));
}

/* Before the program under test, or as it. */
SEC("xdp")
int entry(struct xdp_md *ctx)
{
	struct numbered_frame *frame = (void *)(long)ctx->data;
	__u32 zero = 0, *number = bpf_map_lookup_elem(&current, &zero);
	struct treatment *treatment = NULL;

	if (!number)
		return XDP_ABORTED;
	if ((void *)(frame + 1) <= (void *)(long)ctx->data_end)
		treatment = treatment_of(frame);
	*number = treatment ? frame->number + 1 : 0;
	if (treatment) {
		treatment->begun++;
		__sync_fetch_and_add(&progress.begun, 1);
		rewrite(ctx, frame);
	}
	bpf_tail_call(ctx, &under_test, 0);
	return XDP_ABORTED;
}

/* The kernel traces ABORTED, what is no action, and what it could not transmit or redirect. */
SEC("raw_tp/xdp_exception")
int exception(const __u64 *arguments)
{
	const struct bpf_prog *program = (const void *)arguments[1];
	__u32 zero = 0, id = 0, *number = bpf_map_lookup_elem(&current, &zero);
	struct bpf_prog_aux *aux = NULL;
	struct treatment *treatment;

	bpf_probe_read_kernel(&aux, sizeof(aux), &program->aux);
	bpf_probe_read_kernel(&id, sizeof(id), &aux->id);
	if (!number || *number == 0 || id != progress.entry_id)
		return 0;
	zero = *number - 1;
	treatment = bpf_map_lookup_elem(&treatments, &zero);
	if (treatment) {
		treatment->exceptions++;
		treatment->exception = arguments[2];
	}
	return 0;
}

/* Those that are cut to seven bytes of the rest have one of it left. */
#define LEAST (offsetof(struct numbered_frame, rest) + 1)

static __always_inline int is_as_left(const struct numbered_frame *frame, __u32 length)
{
	__u32 number = frame->number;

	return frame->mark == ~NUMBERED_MARK(number) && frame->rest[0] == NUMBERED_REST &&
	       length == sizeof(*frame) - NUMBERED_CUT(number);
}

static __always_inline struct treatment *arrive(void *data, void *data_end, __u32 length)
{
	struct numbered_frame *frame = data;
	struct treatment *treatment;

	if (data + LEAST > data_end)
		return NULL;
	treatment = treatment_of(frame);
	if (!treatment)
		return NULL;
	if (!is_as_left(frame, length))
		treatment->spoilt++;
	__sync_fetch_and_add(&progress.arrived, 1);
	return treatment;
}

SEC("tc")
int at_server(struct __sk_buff *skb)
{
	struct treatment *treatment =
		arrive((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len);

	if (!treatment)
		return TC_ACT_OK;
	treatment->server++;
	return TC_ACT_SHOT;
}

SEC("xdp")
int at_client(struct xdp_md *ctx)
{
	struct treatment *treatment = arrive((void *)(long)ctx->data, (void *)(long)ctx->data_end,
					     (__u32)(ctx->data_end - ctx->data));

	if (!treatment)
		return XDP_PASS;
	treatment->client++;
	return XDP_DROP;
}

SEC("xdp")
int at_sink(struct xdp_md *ctx)
{
	struct treatment *treatment = arrive((void *)(long)ctx->data, (void *)(long)ctx->data_end,
					     (__u32)(ctx->data_end - ctx->data));

	if (!treatment)
		return XDP_PASS;
	treatment->sink++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
