// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls that xdpshark-hookd does not need kill it, whoever makes it call them; those that it
 * needs work.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall_filter.h"

static void call_exec(void)
{
	char *const arguments[] = { "true", NULL };

	execve("/bin/true", arguments, NULL);
}

static void call_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void call_kill(void)
{
	kill(getppid(), 0);
}

static void call_ptrace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void call_mount(void)
{
	mount("none", "/nowhere", "tmpfs", 0, NULL);
}

static void call_unshare(void)
{
	unshare(CLONE_FS);
}

static void call_setns(void)
{
	setns(-1, CLONE_NEWNS);
}

static void call_stream(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void call_unix(void)
{
	socket(AF_UNIX, SOCK_STREAM, 0);
}

static void call_packet(void)
{
	socket(AF_PACKET, SOCK_RAW, 0);
}

static void call_netfilter(void)
{
	socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

static void call_connect(void)
{
	connect(-1, NULL, 0);
}

static void call_chmod(void)
{
	syscall(SYS_fchmodat, AT_FDCWD, "/nowhere", 0);
}

static void call_rename(void)
{
	syscall(SYS_renameat2, AT_FDCWD, "/nowhere", AT_FDCWD, "/elsewhere", 0);
}

static void call_setuid(void)
{
	syscall(SYS_setuid, getuid());
}

static void call_limit(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

static void call_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void call_mmap(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void call_mprotect(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void call_terminal(void)
{
	ioctl(-1, TIOCSTI, "x");
}

static void call_owner(void)
{
	fcntl(-1, F_SETOWN, getpid());
}

static void call_bpf(enum bpf_cmd command)
{
	union bpf_attr attributes = { 0 };

	syscall(SYS_bpf, command, &attributes, sizeof(attributes));
}

static void call_pin(void)
{
	call_bpf(BPF_OBJ_PIN);
}

static void call_attach(void)
{
	call_bpf(BPF_PROG_ATTACH);
}

static void call_link_update(void)
{
	call_bpf(BPF_LINK_UPDATE);
}

static void call_perf(void)
{
	syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0);
}

static void call_module(void)
{
	syscall(SYS_init_module, NULL, 0, "");
}

static void call_ring(void)
{
	syscall(SYS_io_uring_setup, 1, NULL);
}

static void call_memory(void)
{
	syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void call_handle(void)
{
	syscall(SYS_open_by_handle_at, -1, NULL, 0);
}

static const struct {
	const char *name;
	void (*call)(void);
} forbidden[] = {
	{ "execve", call_exec },
	{ "fork", call_fork },
	{ "kill", call_kill },
	{ "ptrace", call_ptrace },
	{ "mount", call_mount },
	{ "unshare", call_unshare },
	{ "setns of a mount namespace", call_setns },
	{ "a TCP socket", call_stream },
	{ "a Unix socket", call_unix },
	{ "a packet socket", call_packet },
	{ "a netfilter socket", call_netfilter },
	{ "connect", call_connect },
	{ "chmod", call_chmod },
	{ "rename", call_rename },
	{ "setuid", call_setuid },
	{ "setrlimit", call_limit },
	{ "prctl", call_dumpable },
	{ "mmap of code", call_mmap },
	{ "mprotect to code", call_mprotect },
	{ "TIOCSTI", call_terminal },
	{ "F_SETOWN", call_owner },
	{ "BPF_OBJ_PIN", call_pin },
	{ "BPF_PROG_ATTACH", call_attach },
	{ "BPF_LINK_UPDATE", call_link_update },
	{ "perf_event_open", call_perf },
	{ "init_module", call_module },
	{ "io_uring_setup", call_ring },
	{ "process_vm_readv", call_memory },
	{ "open_by_handle_at", call_handle },
};

static int status_of(void (*call)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall_filter_load() != 0)
			_exit(2);
		call();
		_exit(0);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return status;
}

static void test_forbidden(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++) {
		int status = status_of(forbidden[i].call);

		g_test_message("%s: status %x", forbidden[i].name, status);
#if defined(__s390__)
		if (forbidden[i].call == call_mmap) /* its arguments are in memory */
			continue;
#endif
		g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
}

static gpointer run_thread(gpointer data)
{
	return data;
}

static void use_all(void)
{
	g_autofree char *text = NULL;
	g_autofree char *much = g_malloc0((gsize)16 * 1024 * 1024);
	GThread *thread = g_thread_try_new("thread", run_thread, GINT_TO_POINTER(1), NULL);
	union bpf_attr attributes = { 0 };

	if (!thread || g_thread_join(thread) != GINT_TO_POINTER(1))
		_exit(3);
	if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL) || much[0] != 0)
		_exit(4);
	if (socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) < 0)
		_exit(5);
	/* libbpf tries that, and is told no */
	if (syscall(SYS_bpf, 36, &attributes, sizeof(attributes)) != -1 || errno != EPERM)
		_exit(6);
	g_usleep(1000);
}

static void test_allowed(void)
{
	g_assert_cmpint(status_of(use_all), ==, 0);
}

static void test_abort(void)
{
	int status = status_of(abort);

	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	g_test_init(&argc, &argv, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	g_test_add_func("/syscall_filter/forbidden", test_forbidden);
	g_test_add_func("/syscall_filter/allowed", test_allowed);
	g_test_add_func("/syscall_filter/abort", test_abort);
	return g_test_run();
}
