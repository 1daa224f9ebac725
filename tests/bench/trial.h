/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter function, ours or clang's, that is run over packets and timed: by BPF_PROG_TEST_RUN, and
 * in an interpreter that counts; and a classic filter on sockets.
 */
#ifndef XDPSHARK_BENCH_TRIAL_H
#define XDPSHARK_BENCH_TRIAL_H

#include <glib.h>
#include <linux/bpf.h>
#include <linux/filter.h>

typedef struct Trial Trial;

/* Loads a function of the signature that cbpf_compile() tells (packet access). NULL with the
 * verifier's or the compiler's reason printed if it cannot be. Instructions are copied. */
Trial *trial_new(const struct bpf_insn *insns, gsize count);
/* The same from a classic program; NULL without a word if it has no meaning at XDP. */
Trial *trial_compile(const struct sock_filter *code, gsize length);
void trial_free(Trial *trial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trial, trial_free)

/* Instructions of the function. */
gsize trial_length(const Trial *trial);

/* Instructions that run for a packet, as the interpreter counts them; *value is its result. */
guint64 trial_steps(const Trial *trial, const guint8 *packet, gsize size, guint32 *value);

/* In ns of the CPU's time what a run in the kernel takes, with its share of what is around it, and
 * its result in *value. count programs run, which call the function several times. */
gdouble trial_time(const Trial *trial, const guint8 *packet, gsize size, guint count,
		   guint32 *value);

/* Many packet sockets on a device, so that a packet that is sent there is filtered as often. */
typedef struct Listeners Listeners;

/* In a network namespace that this makes for the process. */
Listeners *listeners_new(void);
void listeners_free(Listeners *listeners);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listeners, listeners_free)

/* Gives the program to each socket, several times one behind the other, with 0 for all its results:
 * no packet is put into a queue. FALSE if the kernel refuses it. */
gboolean listeners_attach(Listeners *listeners, const struct sock_filter *code, gsize length);

/* How often the program runs on each socket for a packet: once only if a load behind the packet's
 * end stops it there. */
guint listeners_copies(const Listeners *listeners, const guint8 *packet, gsize size);

/* Sends a packet count times: ns of the CPU's time for each socket, with its share of the sending.
 */
gdouble listeners_time(const Listeners *listeners, const guint8 *packet, gsize size, guint count);

/* The CPU's time of this thread, in ns: what other processes take does not count. */
gdouble trial_clock(void);

#endif /* XDPSHARK_BENCH_TRIAL_H */
