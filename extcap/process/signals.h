/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals as something to read, for a main loop. They do nothing else from then on: one that comes
 * again must not spoil what the first one has begun.
 */
#ifndef XDPSHARK_SIGNALS_H
#define XDPSHARK_SIGNALS_H

/* Takes over these signals; the list ends with 0. Returns a descriptor that is readable when one of
 * them has come, to be closed with signals_close(). */
int signals_open(const int *numbers);
void signals_close(int fd);

/* The next signal that has come; 0: none. */
int signals_take(int fd);

#endif /* XDPSHARK_SIGNALS_H */
