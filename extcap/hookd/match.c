// SPDX-License-Identifier: GPL-2.0-or-later
#include "match.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "load_error.h"

/* In a test run, the kernel accepts frames of at least 14 bytes, of which 3,520 can be read through
 * packet pointers. Other packets, and truncated ones, are put into a map for the program to
 * read. */
#define FRAME_MIN 14
#define FRAME_MAX 3520

/* Larger than any frame; the kernel's test runs take up to 73,152 bytes. */
#define BUFFER_SIZE 131072

/* The only element of the map. */
typedef struct {
	guint32 size;	/* bytes of the packet in data */
	guint32 length; /* of the packet */
	guint8 data[BUFFER_SIZE];
} Buffer;

struct Match {
	int packet_fd; /* program that reads the packet itself */
	int buffer_fd; /* program that reads it from the map */
	int map_fd;
	Buffer *buffer;
};

#define CALL_FILTER(OFFSET)                                                                        \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (OFFSET)            \
	}
#define LOAD_WORD(DST, SRC, OFF)                                                                   \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (DST), .src_reg = (SRC),             \
		.off = (OFF)                                                                       \
	}
#define ALU64_REG(OP, DST, SRC)                                                                    \
	{                                                                                          \
		.code = BPF_ALU64 | (OP) | BPF_X, .dst_reg = (DST), .src_reg = (SRC)               \
	}
#define ALU64_IMM(OP, DST, IMM)                                                                    \
	{                                                                                          \
		.code = BPF_ALU64 | (OP) | BPF_K, .dst_reg = (DST), .imm = (IMM)                   \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

/* Loads the instructions in frame, followed by the compiled filter. */
static int load(const struct bpf_insn *frame, gsize frame_length, const struct sock_filter *code,
		gsize length, enum cbpf_access access, GError **error)
{
	struct cbpf_options options = { .size = sizeof(options),
					.access = access,
					.buffer_size = BUFFER_SIZE };
	struct cbpf_program *program = NULL;
	struct cbpf_error reason;
	g_autofree struct bpf_insn *insns = NULL;
	gsize log_size = (gsize)256 * 1024, count;
	g_autofree char *log = g_malloc0(log_size);
	LIBBPF_OPTS(bpf_prog_load_opts, load, .log_buf = log, .log_size = log_size);
	int fd;

	if (cbpf_compile(code, length, &options, &program, &reason) < 0) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER, "%s", reason.text);
		return -1;
	}
	cbpf_program_insns(program, &count);
	insns = g_new(struct bpf_insn, frame_length + count);
	memcpy(insns, frame, frame_length * sizeof(*insns));
	memcpy(insns + frame_length, cbpf_program_insns(program, &count), count * sizeof(*insns));
	cbpf_program_free(program);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpshark_match", "GPL", insns, frame_length + count,
			   &load);
	if (fd < 0)
		load_error_set(error, errno, log, TRUE);
	return fd;
}

static int load_packet(const struct sock_filter *code, gsize length, GError **error)
{
	const struct bpf_insn frame[] = {
		LOAD_WORD(4, 1, offsetof(struct xdp_md, ingress_ifindex)),
		LOAD_WORD(5, 1, offsetof(struct xdp_md, rx_queue_index)),
		LOAD_WORD(2, 1, offsetof(struct xdp_md, data_end)),
		LOAD_WORD(1, 1, offsetof(struct xdp_md, data)),
		ALU64_REG(BPF_MOV, 3, 2),
		ALU64_REG(BPF_SUB, 3, 1),
		CALL_FILTER(1),
		EXIT,
	};

	return load(frame, G_N_ELEMENTS(frame), code, length, CBPF_ACCESS_PACKET, error);
}

static int load_buffer(int map_fd, const struct sock_filter *code, gsize length, GError **error)
{
	const struct bpf_insn frame[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = 6,
		  .src_reg = BPF_PSEUDO_MAP_VALUE,
		  .imm = map_fd },
		{ .code = 0 },
		LOAD_WORD(4, 1, offsetof(struct xdp_md, ingress_ifindex)),
		LOAD_WORD(5, 1, offsetof(struct xdp_md, rx_queue_index)),
		LOAD_WORD(2, 6, offsetof(Buffer, size)),
		LOAD_WORD(3, 6, offsetof(Buffer, length)),
		ALU64_REG(BPF_MOV, 1, 6),
		ALU64_IMM(BPF_ADD, 1, offsetof(Buffer, data)),
		CALL_FILTER(1),
		EXIT,
	};

	return load(frame, G_N_ELEMENTS(frame), code, length, CBPF_ACCESS_BUFFER, error);
}

static gboolean create_buffer(Match *match, GError **error)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	void *mapped = MAP_FAILED;

	match->map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpshark_match", sizeof(guint32),
				       sizeof(Buffer), 1, &options);
	if (match->map_fd >= 0)
		mapped = mmap(NULL, sizeof(Buffer), PROT_READ | PROT_WRITE, MAP_SHARED,
			      match->map_fd, 0);
	if (mapped != MAP_FAILED) {
		match->buffer = mapped;
		return TRUE;
	}
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "cannot create a map for packets: %s", g_strerror(errno));
	return FALSE;
}

Match *match_new(const struct sock_filter *code, gsize length, GError **error)
{
	g_autoptr(Match) match = g_new0(Match, 1);

	match->packet_fd = match->buffer_fd = match->map_fd = -1;
	if (!create_buffer(match, error))
		return NULL;
	match->packet_fd = load_packet(code, length, error);
	if (match->packet_fd < 0)
		return NULL;
	match->buffer_fd = load_buffer(match->map_fd, code, length, error);
	if (match->buffer_fd < 0)
		return NULL;
	return g_steal_pointer(&match);
}

void match_free(Match *match)
{
	if (!match)
		return;
	const int fds[] = { match->packet_fd, match->buffer_fd, match->map_fd };

	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (match->buffer)
		munmap(match->buffer, sizeof(*match->buffer));
	g_free(match);
}

gboolean match_run(const Match *match, const void *data, gsize size, guint32 wire_length,
		   guint32 *ret_value, GError **error)
{
	static const guint8 no_frame[FRAME_MIN];
	gboolean frame = size >= FRAME_MIN && size <= FRAME_MAX && size == wire_length;
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame ? data : no_frame,
		    .data_size_in = frame ? size : sizeof(no_frame), .repeat = 1);

	if (!frame) {
		match->buffer->size = MIN(size, BUFFER_SIZE);
		match->buffer->length = wire_length;
		if (size > 0)
			memcpy(match->buffer->data, data, match->buffer->size);
	}
	if (bpf_prog_test_run_opts(frame ? match->packet_fd : match->buffer_fd, &run) < 0) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not run the filter on a packet of %" G_GSIZE_FORMAT
			    " bytes: %s",
			    size, g_strerror(errno));
		return FALSE;
	}
	*ret_value = run.retval;
	return TRUE;
}
