/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain of programs in one slot of a hook: the first capture's program tail-calls the second
 * one's, and so on. The last one may be foreign. Whoever changes a chain must hold the hook's lock.
 */
#ifndef XDPSHARK_CHAIN_H
#define XDPSHARK_CHAIN_H

#include <glib.h>

#include "lock.h"
#include "occupant.h"

/* The kernel allows 33 tail calls in a row (MAX_TAIL_CALL_CNT). Leave some for the user's own
 * programs. */
#define CHAIN_MAX 28

/* The hook to be changed. */
typedef struct {
	int hook_fd;
	const char *path; /* of the hook, for messages */
	const Lock *lock; /* NULL: without one */
} ChainHook;

typedef struct {
	guint32 action;
	GArray *occupants; /* Occupant, from the front; no program twice */
	guint32 repeated; /* id of the program that comes a second time, which makes a loop; 0: none
			   */
	int reason;	  /* errno if the chain cannot be read to its end, otherwise 0 */
} Chain;

Chain *chain_read(int hook_fd, guint32 action);
void chain_free(Chain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chain, chain_free)

const Occupant *chain_at(const Chain *chain, guint index);
guint chain_length(const Chain *chain);

/* The index of a program; -1 if it is not in the chain. */
int chain_find(const Chain *chain, guint32 id);

/* The first program that is not xdpshark's; NULL if all are. */
const Occupant *chain_foreign(const Chain *chain);

/* FALSE if chain_tidy() has something to do. */
gboolean chain_is_tidy(const Chain *chain);

/* Removes the programs of dead captures and breaks a loop. Returns the chain as it is then. */
Chain *chain_tidy(const ChainHook *hook, guint32 action);

/* Inserts a program, which must not be in any chain, after the last of xdpshark's and before a
 * foreign one. next_fd is its own program array. Appends descriptors (int) to held that must stay
 * open while the program is in the chain. Returns 0 or a negative errno. */
int chain_append(const ChainHook *hook, guint32 action, int program_fd, int next_fd, GArray *held);

/* Puts a program, which goes on where the one at index does, in its place: each packet gets the one
 * or the other. Returns 0 or a negative errno. */
int chain_exchange(const ChainHook *hook, const Chain *chain, guint index, int program_fd);

/* Removes the program at index from the chain. Returns 0 or a negative errno; -ESTALE if the lock
 * was lost. */
int chain_unlink(const ChainHook *hook, const Chain *chain, guint index);

#endif /* XDPSHARK_CHAIN_H */
