// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
/* example FILTER PIN: loads an XDP program that drops what the filter matches, and pins it. */
#define bpf_insn pcap_insn /* <pcap.h> and <linux/bpf.h> both have a struct of that name */
#include <pcap.h>
#undef bpf_insn
#include <bpf/bpf.h>
#include <cbpf/cbpf.h>
#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LOAD (BPF_LDX | BPF_MEM | BPF_W)

/* Calls the filter, which comes right behind it, with the fields of struct xdp_md. */
static const struct bpf_insn caller[] = {
	{ LOAD, 2, 1, offsetof(struct xdp_md, data_end), 0 },
	{ LOAD, 4, 1, offsetof(struct xdp_md, ingress_ifindex), 0 },
	{ LOAD, 5, 1, offsetof(struct xdp_md, rx_queue_index), 0 },
	{ LOAD, 1, 1, offsetof(struct xdp_md, data), 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0 }, /* length = data_end - data */
	{ BPF_ALU64 | BPF_SUB | BPF_X, 3, 1, 0, 0 },
	{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 5 },
	{ BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0 }, /* 0: no match */
	{ BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_DROP },
	{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS },
	{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
};

int main(int argc, char **argv)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program classic;
	struct cbpf_program *filter;
	struct cbpf_error error;
	const struct bpf_insn *body;
	struct bpf_insn *insns;
	size_t count;
	int fd;

	if (argc != 3)
		errx(2, "usage: example FILTER PIN");
	if (!pcap || pcap_compile(pcap, &classic, argv[1], 1, PCAP_NETMASK_UNKNOWN) < 0)
		errx(1, "%s", pcap ? pcap_geterr(pcap) : "out of memory");
	if (cbpf_compile((const void *)classic.bf_insns, classic.bf_len, NULL, &filter, &error) < 0)
		errx(1, "%s", error.text);
	body = cbpf_program_insns(filter, &count);
	insns = malloc(sizeof(caller) + count * sizeof(*insns));
	if (!insns)
		err(1, "no memory");
	memcpy(insns, caller, sizeof(caller));
	memcpy(insns + sizeof(caller) / sizeof(*caller), body, count * sizeof(*insns));
	count += sizeof(caller) / sizeof(*caller);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "filter", "Dual BSD/GPL", insns, count, NULL);
	if (fd < 0 || bpf_obj_pin(fd, argv[2]) < 0)
		err(1, "%s", argv[2]);
	free(insns);
	cbpf_program_free(filter);
	pcap_freecode(&classic);
	pcap_close(pcap);
	return 0;
}
