// SPDX-License-Identifier: GPL-2.0-or-later
#include "device_code.h"

#include <linux/bpf.h>
#include <linux/btf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "kernel_type.h"
#include "record.h"
#include "xdp_program.h"

/* Casts any pointer to a struct of the kernel, read-only: commit a35b9af4ec2c, Linux 6.2. A struct
 * xdp_md is really a struct xdp_buff. bpf_cast_to_kern_ctx() would know that, but makes the
 * verifier search all types several times in each program: 30 ms for ours. */
#define CAST "bpf_rdonly_cast"

/* The function, and the kernel's structs on the path to what we want. */
typedef enum { KERNEL_CAST, KERNEL_BUFF, KERNEL_QUEUE, KERNEL_DEVICE, KERNEL_NET } KernelType;
static const KernelTypeQuery queries[] = {
	[KERNEL_CAST] = { CAST, BTF_KIND_FUNC, 0 },
	[KERNEL_BUFF] = { "xdp_buff", BTF_KIND_STRUCT, 0 },
	[KERNEL_QUEUE] = { "xdp_rxq_info", BTF_KIND_STRUCT, 0 },
	[KERNEL_DEVICE] = { "net_device", BTF_KIND_STRUCT, 0 },
	[KERNEL_NET] = { "net", BTF_KIND_STRUCT, 0 },
};

/* Their members. */
enum { FIELD_QUEUE, FIELD_DEVICE, FIELD_NAME, FIELD_INDEX, FIELD_TYPE, FIELD_NET, FIELD_COOKIE };
static const struct {
	KernelType type;
	const char *member;
	const char *within; /* of that member, or NULL */
} fields[] = {
	[FIELD_QUEUE] = { KERNEL_BUFF, "rxq", NULL },
	[FIELD_DEVICE] = { KERNEL_QUEUE, "dev", NULL },
	[FIELD_NAME] = { KERNEL_DEVICE, "name", NULL },
	[FIELD_INDEX] = { KERNEL_DEVICE, "ifindex", NULL },
	[FIELD_TYPE] = { KERNEL_DEVICE, "type", NULL },
	[FIELD_NET] = { KERNEL_DEVICE, "nd_net", "net" },
	[FIELD_COOKIE] = { KERNEL_NET, "net_cookie", NULL },
};

/* Instructions, with room to spare. */
#define CODE_MAX 64

typedef struct {
	guint32 cast, buff;		      /* ids of types */
	gint16 offsets[G_N_ELEMENTS(fields)]; /* in bytes */
} Layout;

static gboolean read_layout(const KernelTypes *types, Layout *ret_layout)
{
	KernelTypeQuery found[G_N_ELEMENTS(queries)];

	memcpy(found, queries, sizeof(found));
	kernel_types_find(types, found, G_N_ELEMENTS(found));
	if (found[KERNEL_CAST].id == 0)
		return FALSE;
	ret_layout->cast = found[KERNEL_CAST].id;
	ret_layout->buff = found[KERNEL_BUFF].id;
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		guint32 offset = 0;
		guint32 member = kernel_types_member(types, found[fields[i].type].id,
						     fields[i].member, &offset);

		if (member != 0 && fields[i].within)
			member = kernel_types_member(types, member, fields[i].within, &offset);
		if (member == 0 || offset > G_MAXINT16 - sizeof(struct xdpshark_device))
			return FALSE;
		ret_layout->offsets[i] = (gint16)offset;
	}
	return TRUE;
}

/* What to read: bytes of a member, at an offset within it, and the offset in struct xdpshark_device
 * where they go. The cookie is last, since it is behind another pointer. */
static const struct {
	guint field;
	guint within;
	guint8 size; /* of BPF_SIZE() */
	guint16 to;
} parts[] = {
	{ FIELD_NAME, 0, BPF_DW, offsetof(struct xdpshark_device, name) },
	{ FIELD_NAME, 8, BPF_DW, offsetof(struct xdpshark_device, name) + 8 },
	{ FIELD_INDEX, 0, BPF_W, offsetof(struct xdpshark_device, ifindex) },
	{ FIELD_TYPE, 0, BPF_H, offsetof(struct xdpshark_device, type) },
	{ FIELD_COOKIE, 0, BPF_DW, offsetof(struct xdpshark_device, namespace) },
};

static struct bpf_insn load(guint8 size, guint8 to, guint8 from, guint32 offset)
{
	return (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | size,
				  .dst_reg = to,
				  .src_reg = from,
				  .off = (gint16)offset };
}

static struct bpf_insn store(guint8 size, guint8 to, guint32 offset, guint8 from)
{
	return (struct bpf_insn){ .code = BPF_STX | BPF_MEM | size,
				  .dst_reg = to,
				  .src_reg = from,
				  .off = (gint16)offset };
}

static struct bpf_insn set(guint8 to, gint32 value)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
				  .dst_reg = to,
				  .imm = value };
}

static struct bpf_insn copy(guint8 to, guint8 from)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				  .dst_reg = to,
				  .src_reg = from };
}

static struct bpf_insn call(guint8 kind, gint32 what)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .src_reg = kind, .imm = what };
}

typedef struct {
	struct bpf_insn insns[CODE_MAX];
	guint length;
} Code;

static void append(Code *code, struct bpf_insn insn)
{
	g_assert(code->length < CODE_MAX);
	code->insns[code->length++] = insn;
}

/* r1 is the context and r2 a struct xdpshark_device, which is filled in (result 0) or compared
 * (result 0: equal). */
static void write_code(Code *code, const Layout *layout, gboolean compare)
{
	const struct bpf_insn leave = { .code = BPF_JMP | BPF_EXIT };
	const gint16 *offsets = layout->offsets;

	code->length = 0;
	append(code, copy(6, 2));
	append(code, set(2, (gint32)layout->buff));
	append(code, call(BPF_PSEUDO_KFUNC_CALL, (gint32)layout->cast));
	append(code, load(BPF_DW, 1, 0, offsets[FIELD_QUEUE]));
	append(code, load(BPF_DW, 1, 1, offsets[FIELD_DEVICE]));
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		guint32 from = offsets[parts[i].field] + parts[i].within;

		if (parts[i].field == FIELD_COOKIE)
			append(code, load(BPF_DW, 1, 1, offsets[FIELD_NET]));
		append(code, load(parts[i].size, 2, 1, from));
		if (!compare) {
			append(code, store(parts[i].size, 6, parts[i].to, 2));
			continue;
		}
		append(code, load(parts[i].size, 3, 6, parts[i].to));
		append(code, (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_X,
						.dst_reg = 2,
						.src_reg = 3,
						.off = 2 });
		append(code, set(0, 1));
		append(code, leave);
	}
	append(code, set(0, 0));
	append(code, leave);
}

/* Whether the kernel accepts the code in a program. */
static gboolean is_accepted(const Code *code)
{
	const gint32 size = sizeof(struct xdpshark_device);
	Code probe = { .length = 0 };
	int fd;

	append(&probe, set(3, 0));
	for (gint32 at = 0; at < size; at += (gint32)sizeof(guint64))
		append(&probe, store(BPF_DW, 10, at - size, 3));
	append(&probe, copy(2, 10));
	/* BPF_ADD | BPF_K is 0. */
	append(&probe, (struct bpf_insn){ .code = BPF_ALU64, .dst_reg = 2, .imm = -size });
	append(&probe, call(BPF_PSEUDO_CALL, 2));
	append(&probe, set(0, XDP_PASS));
	append(&probe, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
	for (guint i = 0; i < code->length; i++)
		append(&probe, code->insns[i]);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, KIND_PROBE, "GPL", probe.insns, probe.length, NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static struct {
	Code read, compare;
	gboolean accepted;
	gsize made;
} made;

static gpointer make_codes(gpointer data G_GNUC_UNUSED)
{
	KernelTypes *types;
	Layout layout = { 0 };

	if (!g_once_init_enter(&made.made))
		return NULL;
	types = kernel_types_read();
	if (types && read_layout(types, &layout)) {
		write_code(&made.read, &layout, FALSE);
		write_code(&made.compare, &layout, TRUE);
		made.accepted = is_accepted(&made.read) && is_accepted(&made.compare);
	}
	kernel_types_free(types);
	g_once_init_leave(&made.made, 1);
	return NULL;
}

void device_code_begin(void)
{
	static gboolean begun;
	GThread *thread = begun ? NULL : g_thread_try_new("device code", make_codes, NULL, NULL);

	begun = TRUE;
	if (thread)
		g_thread_unref(thread);
}

gboolean device_code_get(SpliceCode *ret_read, SpliceCode *ret_compare)
{
	make_codes(NULL);
	if (!made.accepted) {
		g_info("the kernel does not let programs see the device of a packet (6.2 does): "
		       "devices are known by their index");
		return FALSE;
	}
	*ret_read = (SpliceCode){ made.read.insns, made.read.length };
	*ret_compare = (SpliceCode){ made.compare.insns, made.compare.length };
	return TRUE;
}
