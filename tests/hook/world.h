/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of its own for each test of hooks: a mount namespace with one empty bpffs at /sys/fs/bpf
 * and nothing in /run, a network namespace without devices, and the BPF objects to put there. It
 * ends with the test, whatever happens.
 */
#ifndef XDPSHARK_TESTS_WORLD_H
#define XDPSHARK_TESTS_WORLD_H

#include <glib.h>
#include <linux/bpf.h>

typedef struct {
	const char *path;
	void (*test)(void);
} WorldTest;

/* All that a program's main() has to do: runs the tests, each in a world of its own. Returns the
 * exit status. */
int world_run_tests(int argc, char **argv, const WorldTest *tests, gsize count);

/* Descriptors that these return are closed at the end of the test. They never fail: a test that
 * cannot set up its world aborts. */
void world_close(int fd); /* before that */
int world_map(enum bpf_map_type type, guint32 value_size, guint32 entries);
int world_array(guint32 slots);

/* An XDP program that leaves through the program array, with XDP_DROP. */
int world_program(const char *name, int array);

/* One that uses it as a jump table: tail-calls slot 1, then passes. */
int world_dispatcher(const char *name, int array);

/* One of which that cannot be told: does something else before it returns XDP_DROP. */
int world_counter(const char *name, int array);

/* The same of another type, or for another place of attachment. */
int world_program_of(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
		     int array);

/* One that names it and calls nothing. */
int world_naming(const char *name, int array);

/* An XDP program that redirects over a devmap or cpumap. */
int world_redirector(const char *name, int map);

void world_set_slot(int map, guint32 slot, int program);

/* Element 0 of a devmap (first: ifindex) or cpumap (first: size of the queue). */
void world_set_target(int map, guint32 first, int program);
void world_pin(int fd, const char *path);

/* An array of so many slots, used by a program of this name, and pinned. Returns the map. */
int world_hook(const char *path, guint32 slots, const char *program);

guint32 world_program_id(int fd);
guint32 world_map_id(int fd);

/* Runs a command, and aborts if it fails. */
void world_run(const char *command);

/* Makes a veth pair in the current network namespace. Returns the ifindex of the first. */
guint32 world_veth(const char *name, const char *peer);
void world_attach(const char *device, int program, guint32 flags);

/* Returns the link's descriptor. */
int world_attach_link(const char *device, int program);

/* Enters /run/netns/NAME, which it makes. Returns a descriptor of the namespace before, for
 * world_leave_namespace(). */
int world_enter_namespace(const char *name);
void world_leave_namespace(int before);

/* Runs body in a child process as user nobody without any privilege. Returns its exit status. */
int world_as_nobody(int (*body)(gpointer data), gpointer data);

/* The same as root without CAP_SYS_ADMIN, which it takes to see programs of others. */
int world_without_admin(int (*body)(gpointer data), gpointer data);

#endif /* XDPSHARK_TESTS_WORLD_H */
