// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which program a session goes on with, and what is new on a device: with filters and programs of
 * tcx on a device of a network namespace of its own.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tc_attached.h"
#include "tc_member.h"

#define DEVICE "member0"

/* Newer than the headers. */
#define TCX_INGRESS 46

/* Longer than what was found is believed. */
#define LATER_US 150000

static int ifindex;

typedef struct {
	int fd;
	guint32 id;
} Program;

static Program load(const char *name)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	Program program = { .fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", code,
						G_N_ELEMENTS(code), NULL) };

	g_assert_cmpint(program.fd, >=, 0);
	g_assert_cmpint(bpf_obj_get_info_by_fd(program.fd, &info, &size), ==, 0);
	program.id = info.id;
	return program;
}

static void attach(const Program *program, enum bpf_tc_attach_point way, guint priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = way);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program->fd, .handle = 1,
		    .priority = priority);

	g_assert_cmpint(bpf_tc_attach(&hook, &options), ==, 0);
}

static void detach(enum bpf_tc_attach_point way, guint priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = way);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 1, .priority = priority);

	g_assert_cmpint(bpf_tc_detach(&hook, &options), ==, 0);
}

static TcMember *capture(const char *address, const char *group, guint32 id)
{
	const SessionRequest request = {
		.type = &source_tc,
		.address = address,
		.group = group,
		.id = id,
	};
	const char *const addresses[] = { address, NULL };
	g_autoptr(GPtrArray) points = NULL;
	g_autoptr(Point) point = NULL;
	g_autoptr(GError) error = NULL;

	if (group) {
		point = tc_member_choose(&request, &error);
	} else {
		points = tc_attached_describe(addresses, &error);
		point = points ? g_ptr_array_steal_index(points, 0) : NULL;
	}
	g_assert_no_error(error);
	g_assert(point);
	g_assert_cmpuint(point->id, ==, id);
	return tc_member_new(&request, point);
}

/* "ADDRESS WAY" of each newcomer. */
static char *newcomers(TcMember *member)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GPtrArray) points = NULL;

	g_usleep(LATER_US);
	points = tc_member_newcomers(member);
	for (guint i = 0; points && i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		g_assert_cmpstr(point->group, ==, DEVICE);
		g_string_append_printf(text, "%s%s %s", i ? ", " : "", point->address, point->way);
	}
	return g_string_free(text, FALSE);
}

static void check_newcomers(TcMember *member, const char *expected)
{
	g_autofree char *found = newcomers(member);

	g_assert_cmpstr(found, ==, expected);
}

/* id: 0 if there is none. */
static void check_program(const TcMember *member, guint32 id, const char *address)
{
	g_autoptr(Point) point = NULL;

	g_usleep(LATER_US);
	point = tc_member_find(member);
	g_assert_cmpuint(point ? point->id : 0, ==, id);
	if (point)
		g_assert_cmpstr(point->address, ==, address);
}

static void test_comes(void)
{
	Program first = load("fw"), second = load("fw"), third = load("nat");
	TcMember *member, *other;

	attach(&first, BPF_TC_INGRESS, 5);
	member = capture(DEVICE "/fw", DEVICE, first.id);
	check_newcomers(member, "");
	attach(&third, BPF_TC_EGRESS, 5);
	check_newcomers(member, DEVICE "/nat tc egress");
	check_newcomers(member, "");
	/* It takes the first place and the plain name in the list, but not in the capture. */
	attach(&second, BPF_TC_INGRESS, 1);
	check_newcomers(member, DEVICE "/fw#2 tc ingress");
	check_program(member, first.id, DEVICE "/fw");
	other = capture(DEVICE "/fw#2", DEVICE, second.id);
	check_newcomers(other, "");
	/* The other one has its own. */
	detach(BPF_TC_INGRESS, 5);
	check_program(member, 0, NULL);
	check_program(other, second.id, DEVICE "/fw#2");
	/* What is there again was not new, and is not; what nobody captures may be new once more.
	 */
	attach(&first, BPF_TC_INGRESS, 5);
	check_newcomers(member, "");
	check_program(member, first.id, DEVICE "/fw");
	detach(BPF_TC_EGRESS, 5);
	check_newcomers(member, "");
	attach(&third, BPF_TC_EGRESS, 5);
	check_newcomers(member, DEVICE "/nat tc egress");
	for (guint priority = 1; priority <= 5; priority += 4)
		detach(BPF_TC_INGRESS, priority);
	detach(BPF_TC_EGRESS, 5);
	tc_member_free(other);
	tc_member_free(member);
	close(first.fd);
	close(second.fd);
	close(third.fd);
}

static void test_replaced(void)
{
	Program first = load("fw"), second = load("fw"), third = load("fw");
	TcMember *member, *alone;

	attach(&first, BPF_TC_INGRESS, 5);
	member = capture(DEVICE "/fw", DEVICE, first.id);
	alone = capture(DEVICE "/fw", NULL, first.id);
	/* In another direction is another place: of the group it is new. */
	detach(BPF_TC_INGRESS, 5);
	attach(&second, BPF_TC_EGRESS, 5);
	check_program(member, 0, NULL);
	check_program(alone, second.id, DEVICE "/fw");
	check_newcomers(member, DEVICE "/fw#2 tc egress");
	attach(&third, BPF_TC_INGRESS, 5);
	check_program(member, third.id, DEVICE "/fw");
	/* What it cannot go on with is its own all the same. */
	tc_member_refuse(member, third.id);
	check_program(member, third.id, DEVICE "/fw");
	check_newcomers(member, "");
	detach(BPF_TC_INGRESS, 5);
	detach(BPF_TC_EGRESS, 5);
	tc_member_free(member);
	tc_member_free(alone);
	close(first.fd);
	close(second.fd);
	close(third.fd);
}

/* By two filters, or by tcx and a filter: its packets are captured already. */
static void test_twice(void)
{
	Program program = load("fw");
	TcMember *member;

	attach(&program, BPF_TC_INGRESS, 5);
	member = capture(DEVICE "/fw", DEVICE, program.id);
	attach(&program, BPF_TC_INGRESS, 6);
	check_newcomers(member, "");
	attach(&program, BPF_TC_EGRESS, 5);
	check_newcomers(member, DEVICE "/fw#3 tc egress");
	detach(BPF_TC_INGRESS, 5);
	check_program(member, program.id, DEVICE "/fw");
	detach(BPF_TC_INGRESS, 6);
	check_program(member, 0, NULL);
	detach(BPF_TC_EGRESS, 5);
	tc_member_free(member);
	close(program.fd);
}

static void test_tcx(void)
{
	Program first = load("fw"), second = load("fw");
	TcMember *member;

	attach(&first, BPF_TC_INGRESS, 5);
	member = capture(DEVICE "/fw", DEVICE, first.id);
	if (bpf_prog_attach_opts(second.fd, ifindex, (enum bpf_attach_type)TCX_INGRESS, NULL) < 0) {
		g_test_skip("the kernel has no tcx");
	} else {
		check_newcomers(member, DEVICE "/fw#2 tcx ingress");
		check_program(member, first.id, DEVICE "/fw");
		g_assert_cmpint(
			bpf_prog_detach2(second.fd, ifindex, (enum bpf_attach_type)TCX_INGRESS), ==,
			0);
	}
	detach(BPF_TC_INGRESS, 5);
	tc_member_free(member);
	close(first.fd);
	close(second.fd);
}

/* What was left out before the capture has been said. */
static void test_left_out(void)
{
	Program first = load("fw"), second = load("nat");
	g_autoptr(GPtrArray) points = NULL;
	TcMember *member;

	attach(&first, BPF_TC_INGRESS, 5);
	attach(&second, BPF_TC_INGRESS, 6);
	member = capture(DEVICE "/fw", DEVICE, first.id);
	points = tc_attached_members(DEVICE, NULL);
	g_assert_cmpuint(points->len, ==, 2);
	tc_member_leave_out(g_ptr_array_index(points, 1));
	check_newcomers(member, "");
	detach(BPF_TC_INGRESS, 5);
	detach(BPF_TC_INGRESS, 6);
	tc_member_free(member);
	close(first.fd);
	close(second.fd);
}

static gboolean make_device(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0 ||
	    system("ip link add " DEVICE " type veth peer name member1") != 0)
		return FALSE;
	ifindex = (int)if_nametoindex(DEVICE);
	hook.ifindex = ifindex;
	return bpf_tc_hook_create(&hook) == 0;
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!make_device()) {
		g_print("1..0 # SKIP needs root, network namespaces and clsact\n");
		return 77;
	}
	g_test_add_func("/tc_member/comes", test_comes);
	g_test_add_func("/tc_member/replaced", test_replaced);
	g_test_add_func("/tc_member/twice", test_twice);
	g_test_add_func("/tc_member/tcx", test_tcx);
	g_test_add_func("/tc_member/left_out", test_left_out);
	return g_test_run();
}
