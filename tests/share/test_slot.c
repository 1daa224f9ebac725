// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is alive, and where a capture's programs are.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "confine.h"
#include "identity.h"
#include "slot.h"
#include "world.h"

#define PATH	  "/sys/fs/bpf/fw"
#define RING_SIZE 65536
#define ACTIONS	  (1U << XDP_DROP | 1U << XDP_PASS)

static Identity *make_identity(void)
{
	g_autoptr(GError) error = NULL;
	Identity *identity = identity_new(&error);

	g_assert_no_error(error);
	return identity;
}

static int is_dead_to(gpointer shown)
{
	return identity_is_dead(shown);
}

static void test_alive(void)
{
	Identity *identity = make_identity();
	struct xdpshark_identity shown = *identity_shown(identity), other = shown;
	struct rlimit limit, none;

	g_assert_false(identity_is_dead(&shown));
	/* Without permission to look, nothing is known. */
	g_assert_cmpint(world_as_nobody(is_dead_to, &shown), ==, 0);
	g_assert_cmpint(world_without_admin(is_dead_to, &shown), ==, 0);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	none = (struct rlimit){ 3, limit.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	g_assert_false(identity_is_dead(&shown));
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	/* Other maps that now have the id. */
	other.nonce++;
	g_assert_true(identity_is_dead(&other));
	other.life = world_map_id(world_map(BPF_MAP_TYPE_ARRAY, 4, 1));
	g_assert_true(identity_is_dead(&other));
	identity_free(identity);
	g_assert_true(identity_is_dead(&shown));
}

static gpointer keep_reopening(gpointer stop)
{
	while (!g_atomic_int_get((gint *)stop)) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		g_usleep(1);
		close(fd);
	}
	return NULL;
}

/* While another thread takes descriptors and gives them back, as xdpshark-hookd's does. */
static void test_descriptors(void)
{
	int array = world_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 1);
	gint stop = 0;
	GThread *thread = g_thread_new("descriptors", keep_reopening, &stop);

	for (guint rounds = 0; rounds < 5000; rounds++) {
		g_autoptr(Identity) identity = make_identity();
		g_autoptr(GError) error = NULL;

		identity_outlive(identity, array, &error);
		g_assert_no_error(error);
	}
	g_atomic_int_set(&stop, 1);
	g_thread_join(thread);
	close(array);
}

/* Nobody writes to it afterwards. */
static void test_sealed(void)
{
	g_autoptr(Identity) identity = make_identity();
	const struct xdpshark_identity *shown = identity_shown(identity);
	struct xdpshark_identity forged = *shown;
	int life = bpf_map_get_fd_by_id(shown->life);
	guint8 key[8] = { 0 };

	g_assert_cmpint(life, >=, 0);
	forged.nonce++;
	g_assert_cmpint(bpf_map_update_elem(life, key, &forged, BPF_ANY), <, 0);
	g_assert_cmpint(errno, ==, EPERM);
	g_assert_cmpint(bpf_map_delete_elem(life, key), <, 0);
	g_assert_false(identity_is_dead(shown));
	close(life);
}

/* It ends with the process, for whatever reason that ends. */
static void test_killed(void)
{
	struct xdpshark_identity shown;
	int ends[2];
	pid_t child;

	g_assert_cmpint(pipe(ends), ==, 0);
	child = fork();
	if (child == 0) {
		Identity *identity = make_identity();

		if (write(ends[1], identity_shown(identity), sizeof(shown)) == sizeof(shown))
			pause();
		_exit(1);
	}
	g_assert_cmpint(read(ends[0], &shown, sizeof(shown)), ==, sizeof(shown));
	g_assert_false(identity_is_dead(&shown));
	kill(child, SIGSTOP);
	g_assert_false(identity_is_dead(&shown));
	kill(child, SIGKILL);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
	g_assert_true(identity_is_dead(&shown));
	close(ends[0]);
	close(ends[1]);
}

/* A capture without a reader. */
typedef struct {
	SlotHook hook;
	Identity *identity;
	ProgramSet *set;
	GArray *held;
} Capture;

static Capture capture_make(int hook_fd, gboolean share_foreign)
{
	static const struct sock_filter everything = { BPF_RET | BPF_K, 0, 0, G_MAXUINT32 };
	g_autoptr(GError) error = NULL;
	Capture capture = {
		.hook = { .fd = hook_fd,
			  .map_id = world_map_id(hook_fd),
			  .path = PATH,
			  .share_foreign = share_foreign },
		.identity = make_identity(),
		.held = g_array_new(FALSE, FALSE, sizeof(int)),
	};
	const ProgramRequest request = {
		.filter = &everything,
		.filter_length = 1,
		.snaplen = 100,
		.actions = ACTIONS,
		.ring_size = RING_SIZE,
		.kind = kind_of_hook(hook_fd, PATH, &error),
		.identity = identity_shown(capture.identity),
	};

	g_assert_no_error(error);
	/* As xdpshark-hookd does at its start. */
	g_assert_true(mkdir(CONFINE_FOLDER, 0700) == 0 || errno == EEXIST);
	capture.set = program_set_load(&request, &error);
	g_assert_no_error(error);
	return capture;
}

static void capture_fill(const Capture *capture)
{
	g_autoptr(GError) error = NULL;

	slot_fill(&capture->hook, capture->set, capture->held, &error);
	g_assert_no_error(error);
}

static void capture_free(Capture *capture)
{
	identity_free(capture->identity);
	program_set_free(capture->set);
	for (guint i = 0; i < capture->held->len; i++)
		close(g_array_index(capture->held, int, i));
	g_array_unref(capture->held);
}

static void assert_state(const Capture *capture, guint action, SlotState expected)
{
	SlotReport reports[XDPSHARK_ACTIONS];

	slot_report(&capture->hook, capture->set, reports);
	g_assert_cmpint(reports[action].state, ==, expected);
	g_assert_cmpint(reports[XDP_TX].state, ==, SLOT_UNUSED);
}

static int is_unreadable_to(gpointer data)
{
	SlotReport reports[XDPSHARK_ACTIONS];
	const Capture *capture = data;

	slot_report(&capture->hook, capture->set, reports);
	return reports[XDP_DROP].state == SLOT_UNREADABLE;
}

static void test_report(void)
{
	int hook_fd = world_hook(PATH, 5, "fw");
	Capture first = capture_make(hook_fd, FALSE), second = capture_make(hook_fd, FALSE);
	int foreign = world_program("foreign", world_array(5));
	SlotReport reports[XDPSHARK_ACTIONS];

	assert_state(&first, XDP_DROP, SLOT_EMPTY);
	capture_fill(&first);
	assert_state(&first, XDP_DROP, SLOT_CAPTURED);
	assert_state(&second, XDP_DROP, SLOT_CUT_OFF);
	capture_fill(&second);
	assert_state(&second, XDP_DROP, SLOT_CAPTURED);
	/* Finding out whose the programs are takes more rights than reading the slot. */
	g_assert_cmpint(world_without_admin(is_unreadable_to, &second), ==, 1);
	world_set_slot(hook_fd, XDP_DROP, foreign);
	slot_report(&first.hook, first.set, reports);
	g_assert_cmpint(reports[XDP_DROP].state, ==, SLOT_OVERWRITTEN);
	g_assert_cmpuint(reports[XDP_DROP].program_id, ==, world_program_id(foreign));
	g_assert_cmpstr(reports[XDP_DROP].program_name, ==, "foreign");
	g_assert_cmpint(reports[XDP_PASS].state, ==, SLOT_CAPTURED);
	slot_mend(&first.hook, first.set, first.held, reports);
	assert_state(&first, XDP_DROP, SLOT_OVERWRITTEN);
	second.hook.share_foreign = TRUE;
	slot_mend(&second.hook, second.set, second.held, reports);
	g_assert_cmpint(reports[XDP_DROP].state, ==, SLOT_OVERWRITTEN);
	g_assert_true(reports[XDP_DROP].returned);
	assert_state(&second, XDP_DROP, SLOT_CAPTURED);
	/* Without sharing, it stays out. */
	assert_state(&first, XDP_DROP, SLOT_OVERWRITTEN);
	g_assert_cmpuint(slot_release(&second.hook, second.set), ==, 0);
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*slot DROP holds program*left alone");
	g_assert_cmpuint(slot_release(&first.hook, first.set), ==, 0);
	g_test_assert_expected_messages();
	slot_report(&first.hook, first.set, reports);
	g_assert_cmpuint(reports[XDP_DROP].program_id, ==, world_program_id(foreign));
	assert_state(&first, XDP_PASS, SLOT_EMPTY);
	capture_free(&first);
	capture_free(&second);
}

/* Twice in one chain would be a loop. */
static void test_twice(void)
{
	int hook_fd = world_hook(PATH, 5, "fw");
	Capture capture = capture_make(hook_fd, FALSE);
	g_autoptr(GError) error = NULL;

	capture_fill(&capture);
	g_assert_false(slot_fill(&capture.hook, capture.set, capture.held, &error));
	g_assert_error(error, SLOT_ERROR, SLOT_ERROR_FAILED);
	g_assert_nonnull(g_strstr_len(error->message, -1, "of this capture already"));
	assert_state(&capture, XDP_DROP, SLOT_CAPTURED);
	g_assert_cmpuint(slot_release(&capture.hook, capture.set), ==, 0);
	assert_state(&capture, XDP_DROP, SLOT_EMPTY);
	capture_free(&capture);
}

static void test_frozen(void)
{
	int hook_fd = world_hook(PATH, 5, "fw");
	Capture capture = capture_make(hook_fd, FALSE), late = capture_make(hook_fd, FALSE);
	g_autoptr(GError) error = NULL;

	capture_fill(&capture);
	g_assert_false(slot_is_frozen(&capture.hook));
	g_assert_cmpint(bpf_map_freeze(hook_fd), ==, 0);
	g_assert_true(slot_is_frozen(&capture.hook));
	/* Behind a program that is there already, there is place. */
	capture_fill(&late);
	assert_state(&late, XDP_DROP, SLOT_CAPTURED);
	g_assert_cmpuint(slot_release(&late.hook, late.set), ==, 0);
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*slot DROP: its map is frozen*");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*slot PASS: its map is frozen*");
	g_assert_cmpuint(slot_release(&capture.hook, capture.set), ==, ACTIONS);
	g_test_assert_expected_messages();
	assert_state(&capture, XDP_DROP, SLOT_CAPTURED);
	capture_free(&capture);
	capture_free(&late);
}

static const WorldTest tests[] = {
	{ "/identity/alive", test_alive },   { "/identity/descriptors", test_descriptors },
	{ "/identity/sealed", test_sealed }, { "/identity/killed", test_killed },
	{ "/slot/report", test_report },     { "/slot/twice", test_twice },
	{ "/slot/frozen", test_frozen },
};

int main(int argc, char **argv)
{
	return world_run_tests(argc, argv, tests, G_N_ELEMENTS(tests));
}
