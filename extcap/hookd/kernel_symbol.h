/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of the kernel's variables and functions, which it shows in /proc/kallsyms to those with
 * CAP_SYSLOG.
 */
#ifndef XDPSHARK_KERNEL_SYMBOL_H
#define XDPSHARK_KERNEL_SYMBOL_H

#include <glib.h>

#include "xdp_code.h"

/* Where vmemmap_base and page_offset_base are, which together tell the memory of a page. FALSE, and
 * both 0, on other processors than x86-64 and where the addresses are not shown. Read once. */
gboolean kernel_symbols_find_pages(guint64 *ret_pages, guint64 *ret_memory);

/* How programs call the functions xdp_code_readers() (imm of the instruction), those that are
 * there. Returns their number, 0 where the addresses are not shown. Read once. */
gsize kernel_symbols_find_readers(gint32 ret_calls[XDP_CODE_READERS]);

/* "nf_hook_slow+0x9d" for an address that a call returns to; NULL if it is unknown or not shown.
 * For kernels that do not name places themselves. Free with g_free(). */
char *kernel_symbol_at(guint64 address);

/* Called for each symbol of the kernel's code. address: 0 if it is not shown; module: NULL for the
 * kernel's own. */
typedef void KernelSymbolVisitor(guint64 address, const char *name, const char *module,
				 gpointer data);
void kernel_symbols_visit(KernelSymbolVisitor *visit, gpointer data);

#endif /* XDPSHARK_KERNEL_SYMBOL_H */
