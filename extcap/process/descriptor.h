/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard descriptors that were closed (2>&-): the next file to be opened would take their number,
 * and get what is printed.
 */
#ifndef XDPSHARK_DESCRIPTOR_H
#define XDPSHARK_DESCRIPTOR_H

/* Opens closed ones such that standard input cannot be read, nor the others written. Must be the
 * first call in main(). */
void descriptor_fill_standard(void);

/* Closes all from this one on. Safe between fork() and exec(). */
void descriptor_close_from(int first);

#endif /* XDPSHARK_DESCRIPTOR_H */
