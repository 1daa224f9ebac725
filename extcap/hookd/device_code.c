// SPDX-License-Identifier: GPL-2.0-or-later
#include "device_code.h"

#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "record.h"
#include "xdp_program.h"

/* Gives the kernel's struct xdp_buff for a struct xdp_md: commit fd264ca02094, Linux 6.2. */
#define CAST "bpf_cast_to_kern_ctx"

/* Of linux/bpf.h from 5.13 on. */
#ifndef BPF_PSEUDO_KFUNC_CALL
#define BPF_PSEUDO_KFUNC_CALL 2
#endif

/* Members of the kernel's structs on the way to what we want. */
enum { FIELD_QUEUE, FIELD_DEVICE, FIELD_NAME, FIELD_INDEX, FIELD_TYPE, FIELD_NET, FIELD_INODE };
static const struct {
	const char *type;
	const char *member;
	const char *within; /* of that member, or NULL */
} fields[] = {
	[FIELD_QUEUE] = { "xdp_buff", "rxq", NULL },
	[FIELD_DEVICE] = { "xdp_rxq_info", "dev", NULL },
	[FIELD_NAME] = { "net_device", "name", NULL },
	[FIELD_INDEX] = { "net_device", "ifindex", NULL },
	[FIELD_TYPE] = { "net_device", "type", NULL },
	[FIELD_NET] = { "net_device", "nd_net", "net" },
	[FIELD_INODE] = { "net", "ns", "inum" },
};

/* Instructions, with room to spare. */
#define CODE_MAX 64

typedef struct {
	gint32 cast;			      /* id of the function CAST in the kernel's BTF */
	gint16 offsets[G_N_ELEMENTS(fields)]; /* in bytes */
} Layout;

static const struct btf_type *type_of(const struct btf *btf, guint32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* Adds the member's offset to *offset. Returns its type; 0 if there is none of that name. */
static guint32 find_member(const struct btf *btf, guint32 id, const char *name, guint32 *offset)
{
	const struct btf_type *type = type_of(btf, id);
	const struct btf_member *members;

	if (!type || !btf_is_composite(type))
		return 0;
	members = btf_members(type);
	for (guint i = 0; i < btf_vlen(type); i++) {
		const char *member = btf__name_by_offset(btf, members[i].name_off);
		guint32 within = *offset + btf_member_bit_offset(type, i) / 8;
		guint32 found = members[i].type;

		/* Those of unnamed structs and unions count as the outer one's. */
		if (*member == '\0')
			found = find_member(btf, found, name, &within);
		else if (strcmp(member, name) != 0)
			found = 0;
		if (found == 0)
			continue;
		*offset = within;
		return found;
	}
	return 0;
}

static gboolean read_layout(const struct btf *btf, Layout *layout)
{
	layout->cast = btf__find_by_name_kind(btf, CAST, BTF_KIND_FUNC);
	if (layout->cast < 0)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		gint32 type = btf__find_by_name_kind(btf, fields[i].type, BTF_KIND_STRUCT);
		guint32 offset = 0;
		guint32 member = type > 0 ? find_member(btf, type, fields[i].member, &offset) : 0;

		if (member != 0 && fields[i].within)
			member = find_member(btf, member, fields[i].within, &offset);
		if (member == 0 || offset > G_MAXINT16 - sizeof(struct xdpshark_device))
			return FALSE;
		layout->offsets[i] = (gint16)offset;
	}
	return TRUE;
}

/* What is read: so many bytes of a member, at an offset in it, go to an offset in the struct
 * xdpshark_device. The inode comes last, as it lies behind another pointer. */
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
	{ FIELD_INODE, 0, BPF_W, offsetof(struct xdpshark_device, namespace) },
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

/* r1: the context, r2: a struct xdpshark_device, which is filled in (result 0), or compared (result
 * 0: the same). */
static void write_code(Code *code, const Layout *layout, gboolean compare)
{
	const struct bpf_insn leave = { .code = BPF_JMP | BPF_EXIT };
	const gint16 *offsets = layout->offsets;

	code->length = 0;
	append(code, copy(6, 2));
	append(code, call(BPF_PSEUDO_KFUNC_CALL, layout->cast));
	append(code, load(BPF_DW, 1, 0, offsets[FIELD_QUEUE]));
	append(code, load(BPF_DW, 1, 1, offsets[FIELD_DEVICE]));
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		guint32 from = offsets[parts[i].field] + parts[i].within;

		if (parts[i].field == FIELD_INODE)
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

/* Whether the kernel lets a program run it. */
static gboolean is_accepted(const Code *code)
{
	const gint32 size = sizeof(struct xdpshark_device);
	Code probe = { .length = 0 };
	int fd;

	append(&probe, set(3, 0));
	for (gint32 at = 0; at < size; at += (gint32)sizeof(guint64))
		append(&probe, store(BPF_DW, 10, at - size, 3));
	append(&probe, copy(2, 10));
	append(&probe, (struct bpf_insn){
			       .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -size });
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

gboolean device_code_get(SpliceCode *ret_read, SpliceCode *ret_compare)
{
	static Code read, compare;
	static gboolean accepted;
	static gsize known;

	if (g_once_init_enter(&known)) {
		struct btf *btf = btf__load_vmlinux_btf();
		Layout layout;

		if (btf && read_layout(btf, &layout)) {
			write_code(&read, &layout, FALSE);
			write_code(&compare, &layout, TRUE);
			accepted = is_accepted(&read) && is_accepted(&compare);
		}
		btf__free(btf);
		if (!accepted)
			g_info("the kernel does not let programs see the device of a packet (6.2 "
			       "does): devices are known by their index");
		g_once_init_leave(&known, 1);
	}
	if (!accepted)
		return FALSE;
	*ret_read = (SpliceCode){ read.insns, read.length };
	*ret_compare = (SpliceCode){ compare.insns, compare.length };
	return TRUE;
}
