/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs in one slot of a hook: that of the first capture, which goes on to that of the
 * second, and so on. The last one may be foreign. Whoever changes a chain holds the hook's lock.
 */
#ifndef XDPSHARK_CHAIN_H
#define XDPSHARK_CHAIN_H

#include <glib.h>

#include "lock.h"
#include "occupant.h"

/* The kernel allows 33 tail calls after a program (MAX_TAIL_CALL_CNT): some are left for the user's
 * own. */
#define CHAIN_MAX 28

/* Where the changes go. */
typedef struct {
	int hook_fd;
	const char *path; /* of the hook, for messages */
	const Lock *lock; /* NULL: without one */
} ChainHook;

typedef struct {
	guint32 action;
	GArray *occupants; /* Occupant, from the front; each of them once */
	guint32 repeated;  /* id of the program that comes a second time: a loop; 0 for none */
	int reason;	   /* errno if it cannot be read to its end; else 0 */
} Chain;

Chain *chain_read(int hook_fd, guint32 action);
void chain_free(Chain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chain, chain_free)

const Occupant *chain_at(const Chain *chain, guint index);
guint chain_length(const Chain *chain);

/* The place of a program, -1 if it is not in the chain. */
int chain_find(const Chain *chain, guint32 id);

/* The first that is not xdpshark's, NULL if all are. */
const Occupant *chain_foreign(const Chain *chain);

/* FALSE if there is something for chain_tidy() to do. */
gboolean chain_is_tidy(const Chain *chain);

/* Removes the programs of dead captures, opens a loop, and returns what is there then. */
Chain *chain_tidy(const ChainHook *hook, guint32 action);

/* Puts a program, which is in no chain, behind the last of xdpshark's, before a foreign one.
 * next_fd is its own program array. Appends to held (int) descriptors that must stay open as long
 * as it is there. Returns 0 or a negative errno. */
int chain_append(const ChainHook *hook, guint32 action, int program_fd, int next_fd, GArray *held);

/* Takes the program at index out of the chain. Returns 0 or a negative errno: -ESTALE if the lock
 * is lost. */
int chain_unlink(const ChainHook *hook, const Chain *chain, guint index);

#endif /* XDPSHARK_CHAIN_H */
