// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs that watch what AF_XDP sockets send through a device: attached to the beginning and
 * the end of the kernel's __dev_direct_xmit(skb, queue), which all of them go through in copy mode.
 *
 * At the beginning the packet is judged and copied, as it may be gone at the end; it is captured
 * when its end says what became of it.
 */
#include "xsk_record.h"

#define SOURCE_EXTRA 32 /* struct xdpshark_xsk_extra */

#include "kernel.bpf.h"

#include "filter.bpf.h"
#include "ring.bpf.h"
#include "skb.bpf.h"
#include "socket.bpf.h"

_Static_assert(SOURCE_EXTRA == sizeof(struct xdpshark_xsk_extra), "all of it");

/* In a section of its own: that of `config` begins with the identity. */
const volatile struct xdpshark_xsk_config xsk_config SEC(".rodata.xsk");

volatile struct xdpshark_xsk_device xsk_device;

/* The packet that is being sent on a CPU. */
struct sending {
	__u64 skb;  /* its address; 0: none */
	__u64 task; /* that sends it */
	__u64 time;
	__u32 wire_length;
	__u32 held; /* bytes held of it */
	__u32 queue;
	__u32 reserved;
	struct xdpshark_xsk_extra extra;
	struct gathering gathering;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sending);
} xdpshark_sending SEC(".maps");

/* What is held of it: an element for each CPU, which the loader makes as large as is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_held SEC(".maps");

/* What is handed to the ring. */
struct sent {
	const struct sending *sending;
	const __u8 *held;
};

static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room)
{
	const struct sent *sent = ctx;

	return bpf_probe_read_kernel(to, bounded_size(length, room), sent->held);
}

static __always_inline void source_describe(void *ctx, struct xdpshark_record *record)
{
	const struct sent *sent = ctx;

	record->ifindex = xsk_device.ifindex;
	record->queue = sent->sending->queue;
}

static __always_inline void source_write_extra(void *ctx, __u8 *to)
{
	const struct sent *sent = ctx;

	*(struct xdpshark_xsk_extra *)(void *)to = sent->sending->extra;
}

/* All packets are of one device, whose index is in the record. */
static __always_inline __u32 source_is_other_device(void *ctx, const struct xdpshark_device *device)
{
	return ctx && device->ifindex != xsk_device.ifindex;
}

static __always_inline void source_read_device(void *ctx, struct xdpshark_device *to)
{
	if (ctx)
		to->ifindex = xsk_device.ifindex;
}

/* The device first: everything that is sent past the queueing comes along here. */
static __always_inline int is_watched(struct sk_buff *skb)
{
	struct net_device *device = BPF_CORE_READ(skb, dev);

	return (__u32)BPF_CORE_READ(device, ifindex) == xsk_device.ifindex &&
	       namespace_of(device) == xsk_device.namespace &&
	       is_xdp_socket(BPF_CORE_READ(skb, sk));
}

static __always_inline void emit_sent(struct sending *sending, __u32 cpu, __s32 verdict)
{
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	struct sent sent = {
		.sending = sending,
		.held = bpf_map_lookup_elem(&xdpshark_held, &cpu),
	};
	struct packet packet = {
		.wire_length = sending->wire_length,
		.readable = sending->held,
		.slot = verdict < 0 ? XDPSHARK_XSK_UNKNOWN : (__u32)verdict,
		.verdict = verdict,
		.time = sending->time,
	};

	sending->skb = 0;
	if (state && sent.held)
		capture_matched(&sent, state, cpu, &packet);
}

/* Copies what the filter looks at, or all that is wanted if it lies in fragments. */
static __always_inline __u32 hold(struct sending *sending, const struct skb_view *view, __u8 *to)
{
	const struct page_bases bases = { xsk_config.pages, xsk_config.memory };
	__u32 length = config.snaplen > config.reach ? config.snaplen : config.reach;

	if (length > view->length)
		length = view->length;
	if (length > view->linear && bases.pages)
		return gather(view->data, view->linear, view->info, bases, &sending->gathering, to,
			      length);
	if (length > view->linear)
		length = view->linear;
	if (length > config.reach)
		length = config.reach;
	if (!length || bpf_probe_read_kernel(to, bounded_size(length, config.reach), view->data))
		return 0;
	return length;
}

/* The rest, of a packet that matches. */
static __always_inline __u32 hold_rest(const struct skb_view *view, __u8 *to, __u32 held)
{
	__u32 length = view->linear < config.snaplen ? view->linear : config.snaplen;

	if (held >= length)
		return held;
	if (bpf_probe_read_kernel(to, bounded_size(length, config.snaplen), view->data))
		return held;
	return length;
}

static __always_inline void describe(struct sending *sending, struct sk_buff *skb, __u32 queue)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	sending->skb = (__u64)skb;
	sending->task = (__u64)task;
	sending->time = bpf_ktime_get_ns();
	sending->queue = queue;
	sending->extra.socket = socket_inode(BPF_CORE_READ(skb, sk));
	sending->extra.pid = bpf_get_current_pid_tgid() >> 32;
	sending->extra.flags = 0;
	/* The name of the process, which its threads need not have. */
	BPF_CORE_READ_INTO(&sending->extra.process, task, group_leader, comm);
}

SEC("xdpshark.entry")
int xdpshark_entry(__u64 *ctx)
{
	const __u32 zero = 0;
	__u32 cpu = bpf_get_smp_processor_id(), held;
	__u16 queue = ctx[1]; /* the rest of the register may hold anything */
	struct sk_buff *skb = (void *)ctx[0];
	struct sending *sending;
	struct skb_view view;
	__u8 *bytes;

	if (!is_watched(skb))
		return 0;
	sending = bpf_map_lookup_elem(&xdpshark_sending, &zero);
	bytes = bpf_map_lookup_elem(&xdpshark_held, &cpu);
	if (!sending || !bytes)
		return 0;
	/* One that went on on another CPU, or was interrupted by this process. */
	if (sending->skb)
		emit_sent(sending, cpu, XDPSHARK_XSK_NONE);
	view = skb_look(skb);
	held = hold(sending, &view, bytes);
	if (!count_filtered(
		    held ? filter_buffer(bytes,
					 bounded_size(held < config.reach ? held : config.reach,
						      config.reach),
					 view.length, xsk_device.ifindex, queue)
			 : 0,
		    cpu, XDPSHARK_XSK_UNKNOWN))
		return 0;
	describe(sending, skb, queue);
	sending->wire_length = view.length;
	sending->held = hold_rest(&view, bytes, held);
	if (sending->held < view.length && sending->held < config.snaplen)
		sending->extra.flags |= XDPSHARK_XSK_LINEAR_ONLY;
	return 0;
}

/* NETDEV_TX_BUSY and NET_XMIT_DROP, which no description of types has. */
#define TX_BUSY	  0x10
#define XMIT_DROP 1

static __always_inline __s32 verdict_of(__s32 result)
{
	switch (result) {
	case 0:
		return XDPSHARK_XSK_SENT;
	case XMIT_DROP:
		return XDPSHARK_XSK_DROPPED;
	case TX_BUSY:
		return XDPSHARK_XSK_BUSY;
	default:
		return XDPSHARK_XSK_FAILED;
	}
}

/* Not in one of the loader's sections: it has no filter. */
SEC("fexit")
int xdpshark_exit(__u64 *ctx)
{
	const __u32 zero = 0;
	struct sending *sending = bpf_map_lookup_elem(&xdpshark_sending, &zero);

	if (sending && sending->skb && sending->skb == ctx[0] &&
	    sending->task == bpf_get_current_task())
		emit_sent(sending, bpf_get_smp_processor_id(), verdict_of((__s32)ctx[2]));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
