// SPDX-License-Identifier: GPL-2.0-or-later
#include "syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT_OF(ARRAY) (sizeof(ARRAY) / sizeof((ARRAY)[0]))

/* Allowed with any arguments. libseccomp skips calls that the processor does not have. */
static const int plain_calls[] = {
	/* memory and threads */
	SCMP_SYS(brk),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(get_robust_list),
	SCMP_SYS(getcpu),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrlimit),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(madvise),
	SCMP_SYS(membarrier),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sigreturn),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	/* time */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(nanosleep),
	SCMP_SYS(time),
	/* files: to read bpffs, /proc and /sys, and to write those in CONFINE_FOLDER */
	SCMP_SYS(access),
	SCMP_SYS(close),
	SCMP_SYS(close_range),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fadvise64),
	SCMP_SYS(flock),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getdents64),
	SCMP_SYS(getxattr), /* what protocol a socket is of */
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	/* sockets that are already open */
	SCMP_SYS(bind),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(send),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
};

/* Allowed if one argument has the value, under the mask. */
static const struct {
	int call;
	unsigned int argument;
	scmp_datum_t mask;
	scmp_datum_t value;
} compared_calls[] = {
/* No programs are pinned, and none attached but by links. */
#define BPF_COMMAND(COMMAND)                                                                       \
	{                                                                                          \
		SCMP_SYS(bpf), 0, 0xffffffff, COMMAND                                              \
	}
	BPF_COMMAND(BPF_MAP_CREATE),
	BPF_COMMAND(BPF_MAP_LOOKUP_ELEM),
	BPF_COMMAND(BPF_MAP_UPDATE_ELEM),
	BPF_COMMAND(BPF_MAP_DELETE_ELEM),
	BPF_COMMAND(BPF_MAP_GET_NEXT_KEY),
	BPF_COMMAND(BPF_MAP_FREEZE),
	BPF_COMMAND(BPF_PROG_LOAD),
	BPF_COMMAND(BPF_PROG_BIND_MAP),
	BPF_COMMAND(BPF_PROG_TEST_RUN), /* runs a filter on packets of a file */
	BPF_COMMAND(BPF_BTF_LOAD),
	BPF_COMMAND(BPF_OBJ_GET),
	BPF_COMMAND(BPF_OBJ_GET_INFO_BY_FD),
	BPF_COMMAND(BPF_PROG_GET_NEXT_ID),
	BPF_COMMAND(BPF_PROG_QUERY), /* the programs of tcx and netkit */
	BPF_COMMAND(BPF_PROG_GET_FD_BY_ID),
	BPF_COMMAND(BPF_MAP_GET_NEXT_ID),
	BPF_COMMAND(BPF_MAP_GET_FD_BY_ID),
	BPF_COMMAND(BPF_BTF_GET_FD_BY_ID),
	BPF_COMMAND(BPF_BTF_GET_NEXT_ID),
	BPF_COMMAND(BPF_LINK_GET_NEXT_ID),
	BPF_COMMAND(BPF_LINK_GET_FD_BY_ID),
	BPF_COMMAND(BPF_RAW_TRACEPOINT_OPEN), /* attaches a program that traces another */
	BPF_COMMAND(BPF_LINK_CREATE),	      /* attaches one to functions of the kernel */
/* Threads, but no processes. s390x has the arguments in a different order. */
#if defined(__s390__)
	{ SCMP_SYS(clone), 1, CLONE_THREAD, CLONE_THREAD },
	/* takes a pointer to its arguments */
	{ SCMP_SYS(mmap), 0, 0, 0 },
#else
	{ SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD },
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mmap2), 2, PROT_EXEC, 0 },
#endif
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(prctl), 0, 0xffffffff, PR_SET_NAME },
	/* Limits are only read, except one that libbpf raises before Linux 5.11. */
	{ SCMP_SYS(prlimit64), 2, ~(scmp_datum_t)0, 0 },
	{ SCMP_SYS(prlimit64), 1, 0xffffffff, RLIMIT_MEMLOCK },
	{ SCMP_SYS(setrlimit), 0, 0xffffffff, RLIMIT_MEMLOCK },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_DUPFD_CLOEXEC },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_GETFD },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_SETFD },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_GETFL },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_OFD_GETLK },
	{ SCMP_SYS(fcntl), 1, 0xffffffff, F_OFD_SETLK },
	/* To read the devices in each network namespace. */
	{ SCMP_SYS(setns), 1, 0xffffffff, CLONE_NEWNET },
	{ SCMP_SYS(ioctl), 1, 0xffffffff, SIOCETHTOOL },
	/* Events, which call a program at a function of the kernel: of all processes alone. */
	{ SCMP_SYS(perf_event_open), 1, 0xffffffff, 0xffffffff },
	{ SCMP_SYS(ioctl), 1, 0xffffffff, PERF_EVENT_IOC_SET_BPF },
	{ SCMP_SYS(ioctl), 1, 0xffffffff, PERF_EVENT_IOC_ENABLE },
};

/* Not in the headers of 6.1. */
#define TOKEN_CREATE 36

/* Refused with an errno: libraries try these calls, and can do without. */
static const struct {
	int call;
	int reason;
	unsigned int compared; /* 1: only if the first argument has the value */
	scmp_datum_t value;
} refused_calls[] = {
	/* glibc then uses clone(), whose flags can be checked */
	{ SCMP_SYS(clone3), ENOSYS, 0, 0 },
	/* libbpf 1.5 and later */
	{ SCMP_SYS(bpf), EPERM, 1, TOKEN_CREATE },
};

static int allow(scmp_filter_ctx filter, int call, unsigned int count,
		 const struct scmp_arg_cmp *compared)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, compared);
}

static int add_sockets(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp diag[] = {
		SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
		SCMP_A2_32(SCMP_CMP_EQ, NETLINK_SOCK_DIAG),
	};
	const struct scmp_arg_cmp route[] = {
		SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
		SCMP_A2_32(SCMP_CMP_EQ, NETLINK_ROUTE),
	};
	/* only for ioctl(): connect() and the like are not allowed */
	const struct scmp_arg_cmp datagram[] = {
		SCMP_A0_32(SCMP_CMP_EQ, AF_INET),
		SCMP_A1_32(SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM),
	};
	int result = allow(filter, SCMP_SYS(socket), COUNT_OF(route), route);

	if (result == 0)
		result = allow(filter, SCMP_SYS(socket), COUNT_OF(diag), diag);
	return result ? result : allow(filter, SCMP_SYS(socket), COUNT_OF(datagram), datagram);
}

static int add_rules(scmp_filter_ctx filter)
{
	/* abort(), to itself */
	const struct scmp_arg_cmp own = SCMP_A0_32(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	int result = allow(filter, SCMP_SYS(tgkill), 1, &own);

	for (size_t i = 0; i < COUNT_OF(plain_calls) && result == 0; i++)
		result = allow(filter, plain_calls[i], 0, NULL);
	for (size_t i = 0; i < COUNT_OF(compared_calls) && result == 0; i++) {
		const struct scmp_arg_cmp compared = {
			.arg = compared_calls[i].argument,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = compared_calls[i].mask,
			.datum_b = compared_calls[i].value,
		};

		result = allow(filter, compared_calls[i].call, 1, &compared);
	}
	for (size_t i = 0; i < COUNT_OF(refused_calls) && result == 0; i++) {
		const struct scmp_arg_cmp first = SCMP_A0_32(SCMP_CMP_EQ, refused_calls[i].value);

		result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(refused_calls[i].reason),
						refused_calls[i].call, refused_calls[i].compared,
						&first);
	}
	return result ? result : add_sockets(filter);
}

int syscall_filter_load(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int result;

	if (!filter)
		return -ENOMEM;
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	result = add_rules(filter);
#if !defined(XDPSHARK_SANITIZED)
	if (result == 0)
		result = seccomp_load(filter);
#endif
	seccomp_release(filter);
	return result;
}
