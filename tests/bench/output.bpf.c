/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `kernel` measures against: a program where packets are dropped that puts notes of each into
 * perf's buffer, as tools for the terminal do, and none of its bytes.
 */
#include "kernel.bpf.h"
#include "skb_frame.bpf.h"

#define UDP_PORT_AT 22 /* from the IP header on, which has no options here */

/* Set before load. */
const volatile __u16 wanted_port = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} notes SEC(".maps");

struct note {
	__u64 time, skb, place;
	__u32 process, cpu, namespace, ifindex, mark, length, mtu;
	__u16 protocol, reason;
	__u8 header[40];
	char command[16];
};

SEC("tp_btf/kfree_skb")
int note_drop(__u64 *ctx)
{
	struct sk_buff *skb = (void *)ctx[0];
	struct net_device *device = skb->dev;
	struct note note = {};
	__u8 *header;
	__u16 port = 0;

	header = skb->head + skb->network_header;
	bpf_probe_read_kernel(note.header, sizeof(note.header), header);
	__builtin_memcpy(&port, note.header + UDP_PORT_AT, sizeof(port));
	if (port != wanted_port)
		return 0;
	note.time = bpf_ktime_get_ns();
	note.skb = (__u64)skb;
	note.place = ctx[1];
	note.process = bpf_get_current_pid_tgid() >> 32;
	note.cpu = bpf_get_smp_processor_id();
	note.namespace = BPF_CORE_READ(device, nd_net.net, ns.inum);
	note.ifindex = BPF_CORE_READ(device, ifindex);
	note.mark = skb->mark;
	note.length = skb->len;
	note.protocol = skb->protocol;
	bpf_get_current_comm(note.command, sizeof(note.command));
	bpf_perf_event_output(ctx, &notes, BPF_F_CURRENT_CPU, &note, sizeof(note));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
