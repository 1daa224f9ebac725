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

/* How the emitted function accesses the packet. */
enum cbpf_access {
	/* r1 = data, r2 = data_end: packet pointers of struct xdp_md, which reach the linear part
	   of a frame. */
	CBPF_ACCESS_PACKET,
	/* r1 = start of a buffer of cbpf_options.buffer_size readable bytes (a map value, stack or
	 * ring memory), r2 = how many bytes of the packet are in it (a scalar of at most
	 * buffer_size). */
	CBPF_ACCESS_BUFFER,
};

/* What to compile for. size must be sizeof(struct cbpf_options); zero is the default of every other
 * member. */
struct cbpf_options {
	size_t size;
	enum cbpf_access access;
	/* CBPF_ACCESS_BUFFER: readable bytes at r1, 1 to 1048576. Ignored otherwise. */
	uint32_t buffer_size;
};

/* Kinds of errors, and the errno that the functions return for each. */
enum cbpf_error_kind {
	CBPF_ERROR_OPTIONS,	/* -EINVAL: invalid options or function name */
	CBPF_ERROR_INVALID,	/* -EINVAL: not a valid classic program */
	CBPF_ERROR_UNSUPPORTED, /* -ENOTSUP: valid, but has no meaning for a packet at XDP */
	CBPF_ERROR_SIZE,	/* -E2BIG: larger than this library or eBPF allows */
	CBPF_ERROR_WORK,	/* -E2BIG: compiling takes more than CBPF_STEPS_MAX steps */
	CBPF_ERROR_MEMORY,	/* -ENOMEM */
};

/* Maximum number of classic instructions: as many as the kernel's verifier processes of eBPF. */
#define CBPF_INSNS_MAX ((size_t)1000 * 1000)

/* Maximum number of steps in one call. A step is an operation, an edge or a known value that a pass
 * looks at; the number depends on the program alone, never on the machine or its load. Long filters
 * take some 20 steps per instruction, so only programs made for the purpose reach the limit, within
 * a few seconds. */
#define CBPF_STEPS_MAX ((uint64_t)256 * 1000 * 1000)

/* Why a program was refused. */
struct cbpf_error {
	enum cbpf_error_kind kind;
	/* Index of the offending classic instruction, or SIZE_MAX if the error concerns the whole
	 * program. */
	size_t index;
	/* Its opcode; 0 if there is no such instruction. */
	uint16_t opcode;
	/* A message of one line, without the newline: "instruction 3 (0x34, div #0): division by
	 * constant zero". */
	char text[192];
};

/* A compiled program. */
struct cbpf_program;

/*
 * Compile length classic instructions.
 *
 * The emitted function takes r1 and r2 as described at enum cbpf_access, r3 = length of the packet
 * on the wire in bytes, all fragments included (32 bits), r4 = index of the receiving device, r5 =
 * index of its receive queue (32 bits each). It returns in r0 the value of the classic program's
 * RET, zero-extended from 32 bits: 0 is "no match". It may be the body of an eBPF subprogram: it
 * touches only r0 to r9 and at most 512 bytes of its own stack.
 *
 * Time and memory grow with the length, up to some seconds and 600 MiB for CBPF_INSNS_MAX. The
 * stack of the call itself does not: it stays below 8 KiB.
 *
 * On success returns 0 and stores the program in *ret_program, to be freed with
 * cbpf_program_free(). On failure returns the errno listed at enum cbpf_error_kind, fills *error if
 * error is not NULL, and leaves *ret_program untouched.
 */
int cbpf_compile(const struct sock_filter *code, size_t length, const struct cbpf_options *options,
		 struct cbpf_program **ret_program, struct cbpf_error *error);

/*
 * Compile to the text of a C function instead of instructions:
 *
 *     static __u32 NAME(const __u8 *data, const __u8 *data_end, __u32 length, __u32 ifindex, __u32
 * queue)
 *
 * with the meaning above; for CBPF_ACCESS_BUFFER the second parameter is __u64 captured. It needs
 * <linux/types.h>, for the extensions CPU and RANDOM also <bpf/bpf_helpers.h>, a little-endian
 * target, and for BPF clang -O2 -mcpu=v3.
 *
 * On success returns 0 and stores the text in *ret_text, to be freed with free(). Errors are those
 * of cbpf_compile(), and -EINVAL if name is not an identifier of at most 63 characters.
 */
int cbpf_compile_c(const struct sock_filter *code, size_t length,
		   const struct cbpf_options *options, const char *name, char **ret_text,
		   struct cbpf_error *error);

/* The eBPF instructions, owned by the program; *ret_count is their number. */
const struct bpf_insn *cbpf_program_insns(const struct cbpf_program *program, size_t *ret_count);

/* For each eBPF instruction the index of the classic instruction that it came from, or UINT32_MAX
 * if it belongs to the function's frame. Owned by the program. */
const uint32_t *cbpf_program_origins(const struct cbpf_program *program);

/* How many bytes from the start of the packet can matter for the verdict: it is enough to copy
 * these. UINT32_MAX if unbounded. */
uint32_t cbpf_program_reach(const struct cbpf_program *program);

/* Which arguments other than the packet matter for the verdict, as a mask of CBPF_USES_...: the
 * others may be anything. */
#define CBPF_USES_LENGTH  1u
#define CBPF_USES_IFINDEX 2u
#define CBPF_USES_QUEUE	  4u
uint32_t cbpf_program_uses(const struct cbpf_program *program);

/* Frees the program; NULL is allowed. */
void cbpf_program_free(struct cbpf_program *program);

/* The name of a classic opcode, as in error texts, or NULL if it has none. */
const char *cbpf_opcode_name(uint16_t opcode);

#ifdef __cplusplus
}
#endif

#endif /* CBPF_CBPF_H */
