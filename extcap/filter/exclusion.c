// SPDX-License-Identifier: GPL-2.0-or-later
#include "exclusion.h"

#include <linux/if_ether.h>

/* Packets that are not excluded continue at the end, where the filter is placed. */
static gboolean append_excluded(GArray *code, const Filter *excluded)
{
	for (gsize i = 0; i < excluded->length; i++) {
		struct sock_filter insn = excluded->code[i];

		/* libpcap's programs only return constants. */
		if (BPF_CLASS(insn.code) == BPF_RET && insn.code != (BPF_RET | BPF_K))
			return FALSE;
		if (insn.code == (BPF_RET | BPF_K))
			insn = insn.k ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0)
				      : (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
								     excluded->length - i - 1);
		g_array_append_val(code, insn);
	}
	return TRUE;
}

Filter *exclusion_apply(const Exclusion *exclusion, LinkType link, const Filter *filter,
			GError **error)
{
	guint shortest = exclusion->shortest - (link == LINK_RAW_IP ? ETH_HLEN : 0);
	g_autoptr(Filter) excluded = filter_compile(exclusion->text, link, FILTER_NETMASK_UNKNOWN,
						    FILTER_OPTIMIZE_IF_QUICK, error);
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	Filter *joined;

	if (!excluded)
		return NULL;
	/* A load beyond the end of a packet would reject it: skip shorter ones. */
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, shortest, 1, 0),
		BPF_STMT(BPF_JMP | BPF_JA, excluded->length),
	};

	g_array_append_vals(code, head, G_N_ELEMENTS(head));
	if (!append_excluded(code, excluded)) {
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FAILED,
			    "libpcap compiles \"%s\" to an unexpected program", exclusion->text);
		return NULL;
	}
	g_array_append_vals(code, filter->code, filter->length);
	joined = g_new0(Filter, 1);
	joined->optimized = filter->optimized && excluded->optimized;
	joined->length = code->len;
	joined->code = (struct sock_filter *)(void *)g_array_free(g_steal_pointer(&code), FALSE);
	return joined;
}

char *exclusion_describe(const Exclusion *exclusion, const char *text)
{
	return *text ? g_strdup_printf("(%s) and not (%s)", text, exclusion->text)
		     : g_strdup_printf("not (%s)", exclusion->text);
}
