/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's structs, as far as our programs read them. The loader puts in where the running
 * kernel has each member (CO-RE), so that neither order nor completeness matters.
 */
#ifndef XDPSHARK_KERNEL_BPF_H
#define XDPSHARK_KERNEL_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} KERNEL_TYPE;

struct net_device;

struct net {
	struct ns_common ns;
	__u64 net_cookie; /* 5.14 */
	struct net_device *loopback_dev;
} KERNEL_TYPE;

typedef struct {
	struct net *net;
} possible_net_t;

struct list_head {
	struct list_head *next;
} KERNEL_TYPE;

struct socket;

struct skb_ip6 {
	__u32 words[4];
};

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	unsigned short skc_family;
	unsigned char skc_state;
	possible_net_t skc_net;
	struct skb_ip6 skc_v6_daddr; /* with CONFIG_IPV6 */
	struct skb_ip6 skc_v6_rcv_saddr;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	struct socket *sk_socket;
} KERNEL_TYPE;

struct net_device {
	char name[16];
	int ifindex;
	unsigned int flags;
	unsigned short type;
	unsigned char *dev_addr;
	possible_net_t nd_net;
	struct {
		struct list_head upper;
	} adj_list;
} KERNEL_TYPE;

/* A device above or below another one. */
struct netdev_adjacent {
	struct net_device *dev;
	struct list_head list;
} KERNEL_TYPE;

struct xdp_rxq_info {
	struct net_device *dev;
	__u32 queue_index;
} KERNEL_TYPE;

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_hard_start;
	struct xdp_rxq_info *rxq;
	__u32 frame_sz;
	__u32 flags; /* 5.18 */
} KERNEL_TYPE;

/* A fragment is a bio_vec, from 6.9 on a skb_frag: a pointer to its page (or what netmem_ref says
 * it is), length and offset, in this order. */
struct bio_vec {
	__u64 page;
	__u32 length;
	__u32 offset;
};

struct sk_buff;
typedef struct {
	int counter;
} atomic_t;

struct skb_shared_info {
	__u8 nr_frags;
	unsigned short gso_size;
	unsigned short gso_segs;
	struct sk_buff *frag_list;
	atomic_t dataref;
	__u32 xdp_frags_size; /* 5.18 */
	struct bio_vec frags[17];
} KERNEL_TYPE;

struct page {
	unsigned long flags;
} KERNEL_TYPE;

struct bpf_map {
	enum bpf_map_type map_type;
	__u32 id;
} KERNEL_TYPE;

struct bpf_redirect_info {
	__u64 tgt_index;
	struct sock *tgt_value;
	struct bpf_map *map;
	__u32 map_id; /* 5.14 */
	enum bpf_map_type map_type;
} KERNEL_TYPE;

struct bpf_net_context {
	struct bpf_redirect_info ri;
} KERNEL_TYPE;

struct thread_info {
	int preempt_count; /* not on x86 */
} KERNEL_TYPE;

struct rq;

struct cfs_rq {
	struct rq *rq; /* with CONFIG_FAIR_GROUP_SCHED */
} KERNEL_TYPE;

struct sched_entity {
	struct cfs_rq *cfs_rq;
} KERNEL_TYPE;

struct task_struct {
	struct task_struct *group_leader;
	char comm[16];
	struct sched_entity se;
	struct thread_info thread_info;
	void *stack;
	struct bpf_net_context *bpf_net_context; /* 6.11 */
} KERNEL_TYPE;

struct kernel_stat {
	unsigned int softirqs[10];
} KERNEL_TYPE;

struct bpf_prog_aux {
	__u32 id;
} KERNEL_TYPE;

struct bpf_prog {
	struct bpf_prog_aux *aux;
	struct bpf_insn insnsi[0];
} KERNEL_TYPE;

/* A kernel from 5.14 on has cookies. */
static __always_inline __u64 namespace_of(struct net_device *device)
{
	struct net *net = BPF_CORE_READ(device, nd_net.net);

	if (bpf_core_field_exists(net->net_cookie))
		return BPF_CORE_READ(net, net_cookie);
	return BPF_CORE_READ(net, ns.inum);
}

/* An argument of a function or tracepoint of the kernel. Not all kernels let programs load a
 * pointer to anything from their context, but all let them read the memory. */
static __always_inline __u64 argument(const __u64 *ctx, int index)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &ctx[index]);
	return value;
}

#endif /* XDPSHARK_KERNEL_BPF_H */
