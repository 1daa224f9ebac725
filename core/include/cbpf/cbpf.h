/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/*
 * libcbpf: compiles classic BPF, as libpcap makes it from a capture filter,
 * to eBPF that the kernel's verifier accepts and that gives the verdict of
 * libpcap's bpf_filter() on every packet.
 *
 * The library does no I/O, makes no system call, keeps no global state and
 * may be used from several threads at once.
 */
#ifndef CBPF_CBPF_H
#define CBPF_CBPF_H

#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>
#include <linux/filter.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the emitted function reaches the bytes of the packet. */
enum cbpf_access {
	/* r1 = data, r2 = data_end: packet pointers of struct xdp_md, which reach the linear part
	   of a frame. */
	CBPF_ACCESS_PACKET,
	/* r1 = start of a buffer of cbpf_options.buffer_size readable bytes (a map value, stack or
	 * ring memory), r2 = how many of them, from the first, hold bytes of the packet (a scalar
	 * of at most buffer_size). */
	CBPF_ACCESS_BUFFER,
};

/* What to compile for. Zero is the default of every member but size, which must be sizeof(struct
 * cbpf_options). */
struct cbpf_options {
	size_t size;
	enum cbpf_access access;
	/* CBPF_ACCESS_BUFFER: bytes that may be read behind r1, 1 to 1048576. Ignored otherwise. */
	uint32_t buffer_size;
};

/* The kinds of failure, each with the number that the functions return for it. */
enum cbpf_error_kind {
	CBPF_ERROR_OPTIONS,	/* -EINVAL: the options or the function's name cannot be used */
	CBPF_ERROR_INVALID,	/* -EINVAL: not a valid classic program */
	CBPF_ERROR_UNSUPPORTED, /* -ENOTSUP: valid, with no meaning for a packet at XDP */
	CBPF_ERROR_SIZE,	/* -E2BIG: over a limit on the size of programs, here or of eBPF */
	CBPF_ERROR_WORK,	/* -E2BIG: compiling takes more than CBPF_STEPS_MAX steps */
	CBPF_ERROR_MEMORY,	/* -ENOMEM */
};

/* Classic instructions that are accepted, as many as eBPF ones that the kernel's verifier looks at.
 */
#define CBPF_INSNS_MAX ((size_t)1000 * 1000)

/* Steps that one call may take. A step is an operation, an edge or a known value that a pass looks
 * at; their number depends on the program alone, never on the machine or its load. Long filters
 * take some 20 steps an instruction, so only programs made for the purpose reach the limit, within
 * a few seconds. */
#define CBPF_STEPS_MAX ((uint64_t)256 * 1000 * 1000)

/* Why a program was refused. */
struct cbpf_error {
	enum cbpf_error_kind kind;
	/* Index of the classic instruction that is at fault, or SIZE_MAX if the fault is the whole
	 * program's. */
	size_t index;
	/* Its opcode; 0 without an instruction. */
	uint16_t opcode;
	/* One line without a newline, for people: "instruction 3 (0x34, div #0): division by
	 * constant zero". */
	char text[192];
};

/* A compiled program. */
struct cbpf_program;

/*
 * Compile length classic instructions.
 *
 * The emitted function takes r1 and r2 as enum cbpf_access says, r3 = length of the packet on the
 * wire in bytes, all fragments included (32 bits), r4 = index of the receiving device, r5 = index
 * of its receive queue (32 bits each). It returns in r0 the value of the classic program's RET,
 * zero-extended from 32 bits: 0 is "no match". It may be the body of an eBPF subprogram: it touches
 * only r0 to r9 and its own stack, of which it uses at most 512 bytes.
 *
 * Time and memory grow with the length, up to some seconds and 600 MiB for CBPF_INSNS_MAX; the
 * stack that the call itself needs does not grow, and is below 8 KiB.
 *
 * On success returns 0 and stores the program in *ret, to be freed by cbpf_program_free(). On
 * failure returns the number of the enum cbpf_error_kind, fills *error if error is not NULL, and
 * leaves *ret untouched.
 */
int cbpf_compile(const struct sock_filter *code, size_t length, const struct cbpf_options *options,
		 struct cbpf_program **ret, struct cbpf_error *error);

/*
 * Compile to the text of a C function in place of instructions:
 *
 *     static __u32 NAME(const __u8 *data, const __u8 *data_end, __u32 length, __u32 ifindex, __u32
 * queue)
 *
 * with the meaning above; for CBPF_ACCESS_BUFFER the second parameter is __u64 captured. It needs
 * the types of <linux/types.h>, for the extensions CPU and RANDOM also <bpf/bpf_helpers.h>, a
 * little endian target, and for BPF clang -O2 -mcpu=v3.
 *
 * On success returns 0 and stores the text, to be freed with free(), in *ret. Errors as
 * cbpf_compile(); -EINVAL also if name is no identifier of at most 63 characters.
 */
int cbpf_compile_c(const struct sock_filter *code, size_t length,
		   const struct cbpf_options *options, const char *name, char **ret,
		   struct cbpf_error *error);

/* The eBPF instructions, owned by the program; *count is their number. */
const struct bpf_insn *cbpf_program_insns(const struct cbpf_program *program, size_t *count);

/* For each eBPF instruction the index of the classic instruction that it came from, or UINT32_MAX
 * for those of the function's frame. There are as many as instructions; owned by the program. */
const uint32_t *cbpf_program_origins(const struct cbpf_program *program);

/* The number of bytes from the start of the packet that can matter for the verdict: a caller that
 * copies so many loses nothing. UINT32_MAX if that is not bounded. */
uint32_t cbpf_program_reach(const struct cbpf_program *program);

/* Which of the function's arguments besides the packet matter for the verdict, as an or of
 * CBPF_USES_...: the others may be anything. */
#define CBPF_USES_LENGTH  1u
#define CBPF_USES_IFINDEX 2u
#define CBPF_USES_QUEUE	  4u
uint32_t cbpf_program_uses(const struct cbpf_program *program);

/* Frees the program; NULL is allowed. */
void cbpf_program_free(struct cbpf_program *program);

/* The name of a classic opcode as the error texts use it, or NULL if there is none. */
const char *cbpf_opcode_name(uint16_t opcode);

#ifdef __cplusplus
}
#endif

#endif /* CBPF_CBPF_H */
