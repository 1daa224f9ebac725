/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that leave through a program array, and programs that dispatch through one. The first
 * word of a name is the expected finding: a hook, a (jump) table, perhaps a hook, or unproven
 * (either of the latter two). Built with two compilers, with and without optimisation; NO_FUNCTIONS
 * if the compiler does not describe functions as the kernel needs it for tail calls in them.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#define SEC(NAME)     __attribute__((section(NAME), used))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE      __attribute__((noinline))

#define MAP(NAME, TYPE, ENTRIES, KEY, VALUE)                                                       \
	struct {                                                                                   \
		int (*type)[TYPE];                                                                 \
		int (*max_entries)[ENTRIES];                                                       \
		int (*key_size)[sizeof(KEY)];                                                      \
		int (*value_size)[sizeof(VALUE)];                                                  \
	} NAME SEC(".maps")

MAP(hook, BPF_MAP_TYPE_PROG_ARRAY, 8, __u32, __u32);
MAP(other, BPF_MAP_TYPE_PROG_ARRAY, 8, __u32, __u32);
MAP(numbers, BPF_MAP_TYPE_ARRAY, 8, __u32, __u32);
MAP(counters, BPF_MAP_TYPE_HASH, 8, __u32, __u64);
MAP(devices, BPF_MAP_TYPE_DEVMAP, 8, __u32, __u32);

/* With libbpf's declarations nothing would load without optimisation. */
#ifdef __clang__
#define map_lookup   ((void *(*)(void *, const void *))BPF_FUNC_map_lookup_elem)
#define map_update   ((long (*)(void *, const void *, const void *, __u64))BPF_FUNC_map_update_elem)
#define tail_call    ((long (*)(void *, void *, __u32))BPF_FUNC_tail_call)
#define redirect_map ((long (*)(void *, __u32, __u64))BPF_FUNC_redirect_map)
#define random_u32   ((__u32(*)(void))BPF_FUNC_get_prandom_u32)
#else
#define HELPER(NUMBER) __attribute__((kernel_helper(NUMBER)))
static void *map_lookup(void *, const void *) HELPER(BPF_FUNC_map_lookup_elem);
static long map_update(void *, const void *, const void *, __u64) HELPER(BPF_FUNC_map_update_elem);
static long tail_call(void *, void *, __u32) HELPER(BPF_FUNC_tail_call);
static long redirect_map(void *, __u32, __u64) HELPER(BPF_FUNC_redirect_map);
static __u32 random_u32(void) HELPER(BPF_FUNC_get_prandom_u32);
#endif

static ALWAYS_INLINE int leave(struct xdp_md *ctx, int action)
{
	tail_call(ctx, &hook, action);
	return action;
}

/* As in the header of another tool. */
static ALWAYS_INLINE enum xdp_action leave_over(struct xdp_md *ctx, void *map,
						enum xdp_action action)
{
	tail_call((void *)ctx, map, action);
	return action;
}

#ifndef NO_FUNCTIONS
static NOINLINE int leave_called(struct xdp_md *ctx, int action)
{
	tail_call(ctx, &hook, action);
	return action;
}

static NOINLINE int leave_called_over(struct xdp_md *ctx, void *map, __u32 action)
{
	tail_call(ctx, map, action);
	return action;
}

/* Not static, so that compilers keep its result. */
NOINLINE int leave_quietly(struct xdp_md *ctx, __u32 action)
{
	tail_call(ctx, &hook, action);
	return 0;
}

static NOINLINE int leave_twice_called(struct xdp_md *ctx, int action, int reason)
{
	if (reason > 100)
		return leave_called(ctx, action);
	return leave_called(ctx, XDP_ABORTED);
}
#endif

static ALWAYS_INLINE __u8 protocol_of(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(ethernet + 1);

	return (void *)(ip + 1) > (void *)(long)ctx->data_end ? 0 : ip->protocol;
}

static ALWAYS_INLINE __u32 number_of(__u32 key)
{
	__u32 *number = map_lookup(&numbers, &key);

	return number ? *number : XDP_PASS;
}

static ALWAYS_INLINE void count(__u32 key)
{
	__u64 *counter = map_lookup(&counters, &key);

	if (counter)
		__sync_fetch_and_add(counter, 1);
}

static ALWAYS_INLINE int echo(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	__u8 address[ETH_ALEN];

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(address, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, address, ETH_ALEN);
	return XDP_TX;
}

SEC("xdp") int hook_constants(struct xdp_md *ctx)
{
	switch (protocol_of(ctx)) {
	case 0:
		return leave(ctx, XDP_ABORTED);
	case 6:
		return leave(ctx, XDP_TX);
	case 17:
		return leave(ctx, XDP_DROP);
	default:
		return leave(ctx, XDP_PASS);
	}
}

SEC("xdp") int hook_one_of_two(struct xdp_md *ctx)
{
	return leave(ctx, protocol_of(ctx) == 17 ? XDP_DROP : XDP_PASS);
}

SEC("xdp") int hook_from_map(struct xdp_md *ctx)
{
	return leave_over(ctx, &hook, number_of(protocol_of(ctx) & 7));
}

SEC("xdp") int hook_checked(struct xdp_md *ctx)
{
	__u32 action = number_of(1);

	if (action > XDP_REDIRECT)
		return XDP_ABORTED;
	return leave(ctx, action);
}

SEC("xdp") int hook_checked_behind(struct xdp_md *ctx)
{
	int action = number_of(1);

	tail_call(ctx, &hook, action);
	if (action < XDP_ABORTED || action > XDP_REDIRECT)
		return XDP_ABORTED;
	return action;
}

SEC("xdp") int hook_masked(struct xdp_md *ctx)
{
	return leave(ctx, number_of(1) & 7);
}

SEC("xdp") int hook_masked_again(struct xdp_md *ctx)
{
	__u32 action = number_of(1) & 7;

	tail_call(ctx, &hook, action & 0xf);
	return action & 0x1f;
}

SEC("xdp") int hook_byte(struct xdp_md *ctx)
{
	__u8 action = protocol_of(ctx);

	tail_call(ctx, &hook, action);
	return action;
}

SEC("xdp") int hook_signed_byte(struct xdp_md *ctx)
{
	signed char action = number_of(3);

	tail_call(ctx, &hook, action);
	return action;
}

SEC("xdp") int hook_short(struct xdp_md *ctx)
{
	short action = number_of(3);

	tail_call(ctx, &hook, action);
	return action;
}

SEC("xdp") int hook_long(struct xdp_md *ctx)
{
	long action = redirect_map(&devices, 0, XDP_DROP);

	tail_call(ctx, &hook, action);
	return action;
}

SEC("xdp") int hook_on_stack(struct xdp_md *ctx)
{
	volatile int action = number_of(2);

	tail_call(ctx, &hook, action);
	return action;
}

SEC("xdp") int hook_in_structure(struct xdp_md *ctx)
{
	volatile struct {
		__u64 length;
		__u32 rule;
		__u8 action;
	} verdict = { 0 };

	verdict.length = ctx->data_end - ctx->data;
	verdict.rule = number_of(4);
	verdict.action = verdict.rule == 4 ? XDP_TX : XDP_DROP;
	count(verdict.rule);
	tail_call(ctx, &hook, verdict.action);
	return verdict.action;
}

SEC("xdp") int hook_spilled(struct xdp_md *ctx)
{
	__u32 a = number_of(0), b = number_of(1), c = number_of(2), d = number_of(3);
	__u32 e = number_of(4), f = number_of(5), g = number_of(6), h = number_of(7);
	int action = (a ^ b) > c ? XDP_DROP : (d ^ e) > f ? XDP_PASS : XDP_TX;

	if (random_u32() > g + h)
		action = XDP_ABORTED;
	count(a + b + c + d + e + f + g + h);
	return leave(ctx, action);
}

SEC("xdp") int hook_behind_loop(struct xdp_md *ctx)
{
	int action = XDP_PASS;

	for (int i = 0; i < 4; i++)
		if (number_of(i) == 7)
			action = i;
	return leave(ctx, action);
}

SEC("xdp") int hook_in_branches(struct xdp_md *ctx)
{
	int action = number_of(2);

	tail_call(ctx, &hook, action);
	switch (action) {
	case XDP_ABORTED:
		return XDP_ABORTED;
	case XDP_DROP:
		return XDP_DROP;
	case XDP_PASS:
		return XDP_PASS;
	default:
		return action;
	}
}

SEC("xdp") int hook_twice(struct xdp_md *ctx)
{
	__u32 action = number_of(5);

	tail_call(ctx, &hook, action);
	tail_call(ctx, &hook, action);
	return action;
}

/* The other array is a jump table, and does not concern us. */
SEC("xdp") int hook_beside_table(struct xdp_md *ctx)
{
	tail_call(ctx, &other, protocol_of(ctx));
	echo(ctx);
	return leave(ctx, number_of(1));
}

SEC("xdp") int table_passes(struct xdp_md *ctx)
{
	tail_call(ctx, &hook, protocol_of(ctx));
	return XDP_PASS;
}

SEC("xdp") int table_of_constants(struct xdp_md *ctx)
{
	if (protocol_of(ctx) == 6)
		tail_call(ctx, &hook, 0);
	else
		tail_call(ctx, &hook, 1);
	return XDP_PASS;
}

SEC("xdp") int table_then_works(struct xdp_md *ctx)
{
	tail_call(ctx, &hook, protocol_of(ctx) == 17 ? 0 : 2);
	if (protocol_of(ctx) != 1)
		return XDP_PASS;
	return echo(ctx);
}

/* Returns the index in the end, but changes the packet before. */
SEC("xdp") int table_echoes(struct xdp_md *ctx)
{
	tail_call(ctx, &hook, XDP_TX);
	echo(ctx);
	return XDP_TX;
}

SEC("xdp") int table_redirects(struct xdp_md *ctx)
{
	tail_call(ctx, &hook, number_of(1));
	return redirect_map(&devices, 0, XDP_PASS);
}

SEC("xdp") int table_counts_up(struct xdp_md *ctx)
{
	__u32 stage = number_of(1);

	tail_call(ctx, &hook, stage);
	return stage + 1;
}

SEC("xdp") int table_masks(struct xdp_md *ctx)
{
	__u32 stage = number_of(1);

	tail_call(ctx, &hook, stage);
	return stage & 3;
}

SEC("xdp") int table_of_another(struct xdp_md *ctx)
{
	__u32 stage = number_of(1), action = number_of(2);

	tail_call(ctx, &hook, stage);
	count(0);
	return action;
}

SEC("xdp") int table_and_hook(struct xdp_md *ctx)
{
	if (protocol_of(ctx) == 17) {
		tail_call(ctx, &hook, number_of(1));
		return XDP_DROP;
	}
	return leave(ctx, XDP_PASS);
}

SEC("xdp") int table_chain(struct xdp_md *ctx)
{
	__u32 action = number_of(1);

	tail_call(ctx, &hook, action);
	tail_call(ctx, &other, 0);
	return action;
}

/* Skips something while somebody captures, but nothing that affects packets. */
SEC("xdp") int unproven_counted(struct xdp_md *ctx)
{
	__u32 action = number_of(1);

	tail_call(ctx, &hook, action);
	count(action);
	return action;
}

SEC("xdp") int perhaps_from_memory(struct xdp_md *ctx)
{
	__u32 key = 0;
	volatile __u32 *action = map_lookup(&numbers, &key);

	if (!action)
		return XDP_ABORTED;
	tail_call(ctx, &hook, *action);
	return *action;
}

SEC("xdp") int perhaps_two(struct xdp_md *ctx)
{
	__u32 action = number_of(1);

	tail_call(ctx, &hook, action);
	tail_call(ctx, &other, action);
	return action;
}

#ifndef NO_FUNCTIONS
SEC("xdp") int hook_called(struct xdp_md *ctx)
{
	return leave_called(ctx, number_of(1));
}

SEC("xdp") int hook_called_over(struct xdp_md *ctx)
{
	if (protocol_of(ctx) == 6)
		return leave_called_over(ctx, &hook, XDP_DROP);
	return leave_called_over(ctx, &hook, number_of(1));
}

SEC("xdp") int hook_called_twice(struct xdp_md *ctx)
{
	return leave_twice_called(ctx, number_of(1), protocol_of(ctx));
}

SEC("xdp") int hook_called_quietly(struct xdp_md *ctx)
{
	__u32 action = number_of(1);

	leave_quietly(ctx, action);
	return action;
}

SEC("xdp") int hook_called_quietly_with_constants(struct xdp_md *ctx)
{
	if (protocol_of(ctx) == 6) {
		leave_quietly(ctx, XDP_TX);
		return XDP_TX;
	}
	leave_quietly(ctx, XDP_DROP);
	return XDP_DROP;
}

/* What follows the function also happens during a capture. */
SEC("xdp") int hook_called_and_counted(struct xdp_md *ctx)
{
	int action = leave_called(ctx, number_of(1) & 7);

	count(action);
	return action;
}

SEC("xdp") int table_called(struct xdp_md *ctx)
{
	leave_quietly(ctx, number_of(1));
	return XDP_PASS;
}

SEC("xdp") int table_called_ignored(struct xdp_md *ctx)
{
	leave_called(ctx, number_of(1));
	return XDP_PASS;
}

SEC("xdp") int table_called_over(struct xdp_md *ctx)
{
	leave_called_over(ctx, &other, XDP_PASS);
	leave_called_over(ctx, &hook, protocol_of(ctx));
	return XDP_DROP;
}
#endif

char LICENSE[] SEC("license") = "GPL";
