/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The standard descriptors, which somebody may have closed (2>&-): what is opened next would take
 * their number, and get what is printed.
 */
#ifndef XDPSHARK_DESCRIPTOR_H
#define XDPSHARK_DESCRIPTOR_H

/* Fills the places of closed ones with something that can neither be read, if it is standard input,
 * nor written. To be called first of all by main(). */
void descriptor_fill_standard(void);

#endif /* XDPSHARK_DESCRIPTOR_H */
