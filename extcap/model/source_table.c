// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of source types. Tests link a table with one more row in its place.
 */
#include "source_type.h"

#include <linux/pkt_cls.h>

#ifdef XDPSHARK_SOURCE_OF_TEST
extern const SourceType XDPSHARK_SOURCE_OF_TEST;
#endif

static const SourceVerdict actions[] = {
	{ "ABORTED", "the program failed" },
	{ "DROP", "dropped by the program" },
	{ "PASS", "passed on to the network stack" },
	{ "TX", "sent back out of the device" },
	{ "REDIRECT", "to another device, CPU or socket" },
};

const SourceType source_hook = {
	.scheme = "xdp",
	.title = "XDP hook",
	.noun = "hook",
	.called = "the path of a hook",
	.example = "/sys/fs/bpf/fw",
	.address = SOURCE_ADDRESS_PATH,
	.link = SOURCE_LINK_OF_DEVICE,
	.direction = SOURCE_INBOUND,
	.verdict_kind = 2, /* Linux eBPF XDP */
	.verdicts = actions,
	.verdict_count = G_N_ELEMENTS(actions),
	.options = SOURCE_HAS_VERDICTS | SOURCE_HAS_SHARE_FOREIGN | SOURCE_HAS_UNPROVEN |
		   SOURCE_HAS_FOLLOW | SOURCE_HAS_EXCHANGE | SOURCE_HAS_TRACK,
	.comment_word = "xdp",
	.comment_verdict = "action",
	.comment_address = "hook",
};

const SourceType source_program = {
	.scheme = "xdp-prog",
	.title = "XDP program",
	.noun = "XDP program on",
	.called = "the name of a device",
	.example = "eth0",
	.address = SOURCE_ADDRESS_NAME,
	.link = SOURCE_LINK_OF_DEVICE,
	.direction = SOURCE_INBOUND,
	.verdict_kind = 2,
	.verdicts = actions,
	.verdict_count = G_N_ELEMENTS(actions),
	.options = SOURCE_HAS_VERDICTS | SOURCE_HAS_SIGHTINGS | SOURCE_HAS_TRACK,
	.needless = SOURCE_HAS_FOLLOW,
	.comment_word = "xdp",
	.comment_verdict = "action",
};

/* Those of tcx and netkit have the same numbers. The slots are those of tc_slot() in
 * bpf/program.bpf.c. */
static const SourceVerdict tc_actions[] = {
	{ "OK", "passed on" },
	{ "SHOT", "dropped by the program" },
	{ "REDIRECT", "to another device" },
	{ "UNSPEC", "left to the next program" },
	{ "PIPE", "left to the next action" },
	{ "RECLASSIFY", "classified again" },
	{ "STOLEN", "taken by the program" },
	{ "QUEUED", "taken by the program" },
	{ "REPEAT", "classified again" },
	{ "TRAP", "taken by the program" },
};

static const SourceVerdictCode tc_codes[G_N_ELEMENTS(tc_actions)] = {
	{ TC_ACT_OK, "PASS" },	   { TC_ACT_SHOT, "DROP" }, { TC_ACT_REDIRECT, NULL },
	{ TC_ACT_UNSPEC, "NEXT" }, { TC_ACT_PIPE, NULL },   { TC_ACT_RECLASSIFY, NULL },
	{ TC_ACT_STOLEN, NULL },   { TC_ACT_QUEUED, NULL }, { TC_ACT_REPEAT, NULL },
	{ TC_ACT_TRAP, NULL },
};

/* Of which these have slots. */
#define TC_ACTIONS 5

const SourceType source_tc = {
	.scheme = "tc",
	.title = "tc program",
	.noun = "tc program on",
	.called = "the name of a device",
	.example = "eth0",
	.address = SOURCE_ADDRESS_NAME,
	.link = SOURCE_LINK_OF_DEVICE,
	.verdict_kind = 1, /* Linux eBPF TC */
	.verdicts = tc_actions,
	.verdict_count = TC_ACTIONS,
	.codes = tc_codes,
	.verdict_names = G_N_ELEMENTS(tc_actions),
	.options = SOURCE_HAS_VERDICTS | SOURCE_HAS_SIGHTINGS | SOURCE_HAS_GROUPS,
	.comment_word = "skb",
	.comment_verdict = "action",
};

static const SourceVerdict sending_ends[] = {
	{ "OK", "taken by the driver" },
	{ "DROP", "dropped: the device is down, or has no carrier" },
	{ "BUSY", "refused: the queue was full, the socket tries again" },
	{ "ERROR", "refused by the driver" },
};

const SourceType source_xsk = {
	.scheme = "xsk",
	.title = "AF_XDP transmit",
	.noun = "what AF_XDP sockets send on",
	.called = "the name of a device",
	.example = "eth0",
	.address = SOURCE_ADDRESS_NAME,
	.link = SOURCE_LINK_OF_DEVICE,
	.direction = SOURCE_OUTBOUND,
	.verdict_kind = SOURCE_VERDICT_NO_OPTION,
	.verdicts = sending_ends,
	.verdict_count = G_N_ELEMENTS(sending_ends),
	.comment_word = "xdp",
	.comment_verdict = "sent",
	.comment_at = "xsk",
};

extern const SourcePlace kernel_places[];

const SourceType source_kernel = {
	.scheme = "kernel",
	.title = "kernel's point",
	.noun = "kernel's point",
	.called = "a place in the kernel",
	.example = "drops",
	.address = SOURCE_ADDRESS_NAME,
	.link = SOURCE_LINK_ETHERNET,
	.options = SOURCE_HAS_SKB | SOURCE_HAS_TRACK,
	.places = kernel_places,
	.rate = 10000,
	.comment_word = "skb",
	.comment_verdict = "reason",
};

const SourceType *const source_types[] = {
	&source_hook,
	&source_program,
	&source_tc,
	&source_xsk,
	&source_kernel,
#ifdef XDPSHARK_SOURCE_OF_TEST
	&XDPSHARK_SOURCE_OF_TEST,
#endif
	NULL,
};
