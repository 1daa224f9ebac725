/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of the kernel's variables, which it shows in /proc/kallsyms to those with CAP_SYSLOG.
 */
#ifndef XDPSHARK_KERNEL_SYMBOL_H
#define XDPSHARK_KERNEL_SYMBOL_H

#include <glib.h>

/* Where vmemmap_base and page_offset_base are, which together tell the memory of a page. FALSE, and
 * both 0, on other processors than x86-64 and where the addresses are not shown. Read once. */
gboolean kernel_symbols_find_pages(guint64 *ret_pages, guint64 *ret_memory);

#endif /* XDPSHARK_KERNEL_SYMBOL_H */
