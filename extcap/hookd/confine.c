// SPDX-License-Identifier: GPL-2.0-or-later
#include "confine.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "call.h"
#include "syscall_filter.h"

G_DEFINE_QUARK(xdpshark_confine_error, confine_error)

/* Enough for a thread. The default would be the caller's limit. */
#define THREAD_STACK ((size_t)1024 * 1024)

#define MIB ((rlim_t)1024 * 1024)

/* The kernel's default, in ns. */
#define TIMER_SLACK 50000

typedef struct {
	uid_t uid;
	gid_t gid;
} Account;

static uid_t caller;

uid_t confine_caller(void)
{
	return caller;
}

static gboolean set_error(GError **error, const char *what)
{
	g_set_error(error, CONFINE_ERROR, CONFINE_ERROR_FAILED,
		    "xdpshark-hookd cannot give up its privileges, and does nothing: %s: %s", what,
		    g_strerror(errno));
	return FALSE;
}

/* Only signals for faults keep their default action. The terminal's are meant for the capture.
 * Ignoring a signal also discards a pending one, and a timer set before exec must not end us. */
static void reset_signals(void)
{
	static const int kept[] = { SIGABRT, SIGBUS,  SIGFPE, SIGILL, SIGKILL,
				    SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP };
	static const struct itimerval never;
	sigset_t none;

	setitimer(ITIMER_REAL, &never, NULL);
	setitimer(ITIMER_VIRTUAL, &never, NULL);
	setitimer(ITIMER_PROF, &never, NULL);
	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN); /* fails for those that cannot be ignored */
	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		signal(kept[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

gboolean confine_leave_caller(void)
{
	struct stat status;
	int null;

	caller = getuid();
	if (fstat(CALL_SOCKET_FD, &status) < 0 || !S_ISSOCK(status.st_mode))
		return FALSE;
	clearenv();
	umask(077);
	reset_signals();
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < CALL_SOCKET_FD; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return FALSE;
	/* Since 5.9; we need 5.10 anyway. */
	syscall(SYS_close_range, CALL_SOCKET_FD + 1, ~0U, 0);
	/* Fails for the leader of a process group, but we ignore the terminal's signals. */
	setsid();
	return chdir("/") == 0;
}

/* Only looks into /etc/passwd: a process with privilege must not load the libraries of other
 * databases. FALSE if there is no such account. */
static gboolean find_account(Account *ret_account)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;

	while (file && (entry = fgetpwent(file)))
		if (strcmp(entry->pw_name, XDPSHARK_ACCOUNT) == 0)
			break;
	if (entry)
		*ret_account = (Account){ entry->pw_uid, entry->pw_gid };
	if (file)
		fclose(file);
	return entry != NULL;
}

/* Gives the account what root created before there was an account. */
static void own_folder(int folder, const Account *account)
{
	DIR *entries = fdopendir(fcntl(folder, F_DUPFD_CLOEXEC, 0));
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    fchownat(folder, entry->d_name, account->uid, account->gid,
			     AT_SYMLINK_NOFOLLOW) < 0)
			g_debug("%s/%s: %s", CONFINE_FOLDER, entry->d_name, g_strerror(errno));
	if (entries)
		closedir(entries);
	if (fchown(folder, account->uid, account->gid) < 0)
		g_debug("%s: %s", CONFINE_FOLDER, g_strerror(errno));
}

/* In /run, where only root can create something. A failure is reported when the folder is
 * needed. */
static void make_folder(const Account *account)
{
	struct stat status;
	int folder;

	setfsuid(0);
	mkdir(CONFINE_FOLDER, 0700);
	folder = open(CONFINE_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder >= 0 && fstat(folder, &status) == 0 && status.st_uid == 0 && account->uid != 0)
		own_folder(folder, account);
	if (folder >= 0)
		close(folder);
	setfsuid(geteuid());
}

static gboolean become(const Account *account, GError **error)
{
	uid_t uids[3];
	gid_t gids[3];

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(account->gid, account->gid, account->gid) < 0 ||
	    setresuid(account->uid, account->uid, account->uid) < 0)
		return set_error(error, "its account");
	errno = EPERM;
	if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) < 0)
		return set_error(error, "its account");
	for (gsize i = 0; i < G_N_ELEMENTS(uids); i++)
		if (uids[i] != account->uid || gids[i] != account->gid)
			return set_error(error, "its account");
	return TRUE;
}

static gboolean may(unsigned int capability)
{
	return capng_have_capability(CAPNG_PERMITTED, capability) == 1;
}

/* Changing the uid, even that for files, clears effective capabilities. */
static gboolean raise_permitted(GError **error)
{
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (may(capability))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, capability);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 || set_error(error, "its capabilities");
}

static gboolean is_callers_own(unsigned int capability)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1;
}

/* Only root, and whoever has the capabilities anyway, may have power over this process. */
static gboolean leave_uid(GError **error)
{
	Account account = { 0, 0 };

	if (!may(CAP_SETUID) || !may(CAP_SETGID)) {
		/* Not more privilege than the caller has: a build, or a container's root. */
		if (caller == 0 || is_callers_own(CAP_SYS_ADMIN) || is_callers_own(CAP_BPF) ||
		    !may(CAP_SYS_ADMIN))
			return TRUE;
		errno = EPERM;
		return set_error(error, "it lacks capabilities that it was installed with "
					"(install it again)");
	}
	if (!find_account(&account))
		g_debug("there is no account " XDPSHARK_ACCOUNT ": root's uid");
	if (account.uid == caller && caller != 0) {
		errno = EPERM;
		return set_error(error,
				 "account " XDPSHARK_ACCOUNT " is its own, and not for logging in");
	}
	make_folder(&account);
	return raise_permitted(error) && become(&account, error) && raise_permitted(error);
}

/* least: with less, the process might end or fail in the middle of its work. */
static const struct {
	int resource;
	const char *name;
	rlim_t wanted;
	rlim_t least;
} limits[] = {
	{ RLIMIT_AS, "address space", RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_CORE, "core files", 0, 0 },
	{ RLIMIT_CPU, "CPU time", RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_DATA, "data", RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_FSIZE, "file size", RLIM_INFINITY, MIB },
	{ RLIMIT_LOCKS, "locks", RLIM_INFINITY, 0 },
	{ RLIMIT_MEMLOCK, "locked memory", RLIM_INFINITY, 0 }, /* includes BPF maps before 5.11 */
	{ RLIMIT_MSGQUEUE, "message queues", 0, 0 },
	{ RLIMIT_NICE, "priority", 0, 0 },
	{ RLIMIT_NOFILE, "open files", 65536, 1024 },
	{ RLIMIT_NPROC, "processes", 4096, 0 },
	{ RLIMIT_RSS, "resident memory", RLIM_INFINITY, 0 },
	{ RLIMIT_RTPRIO, "real-time priority", 0, 0 },
	{ RLIMIT_RTTIME, "real-time CPU time", RLIM_INFINITY, 0 },
	{ RLIMIT_SIGPENDING, "pending signals", 1024, 0 },
	{ RLIMIT_STACK, "stack", 8 * MIB, MIB },
};

/* Otherwise the caller's limits could end us at a moment of the caller's choice. If limits cannot
 * be raised, as in some containers, root's are accepted as they are, and those of other users must
 * be high enough. */
static gboolean reset_limits(GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
		struct rlimit limit = { limits[i].wanted, limits[i].wanted };

		if (setrlimit(limits[i].resource, &limit) == 0)
			continue;
		if (getrlimit(limits[i].resource, &limit) < 0)
			return set_error(error, limits[i].name);
		limit.rlim_cur = MIN(limit.rlim_max, limits[i].wanted);
		if (setrlimit(limits[i].resource, &limit) < 0)
			return set_error(error, limits[i].name);
		if (limit.rlim_cur >= limits[i].least || caller == 0)
			continue;
		g_set_error(error, CONFINE_ERROR, CONFINE_ERROR_FAILED,
			    "xdpshark-hookd may not raise the limit of %s, which is too low: raise "
			    "it before you start (ulimit -H)",
			    limits[i].name);
		return FALSE;
	}
	return TRUE;
}

/* Resets what else is inherited and could slow the process down. Root's settings are respected. */
static void reset_scheduling(void)
{
	static const struct sched_param normal;
	pthread_attr_t attributes;
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	if (caller != 0) {
		sched_setaffinity(0, sizeof(all), &all);
		sched_setscheduler(0, SCHED_OTHER, &normal);
		setpriority(PRIO_PROCESS, 0, 0);
	}
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK, 0, 0, 0);
	if (pthread_attr_init(&attributes) == 0) {
		if (pthread_attr_setstacksize(&attributes, THREAD_STACK) == 0)
			pthread_setattr_default_np(&attributes);
		pthread_attr_destroy(&attributes);
	}
}

/* Without CAP_SETPCAP, as for a container's root, the set stays. That is harmless, since we never
 * exec. */
static gboolean empty_bounding_set(GError **error)
{
	for (unsigned int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
	     capability++)
		if (may(CAP_SETPCAP) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return set_error(error, "its bounding set");
	return TRUE;
}

/* Keeps what is needed to the end. CAP_SYS_ADMIN is required to find programs and maps by id and to
 * enter network namespaces. For BPF the kernel accepts it in place of CAP_BPF, CAP_PERFMON and
 * CAP_NET_ADMIN, but it does not permit changing network settings, which is none of our
 * business. */
static gboolean keep_capabilities(GError **error)
{
	static const unsigned int kept[] = { CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH };
	/* for those who have no CAP_SYS_ADMIN */
	static const unsigned int instead[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN,
						CAP_DAC_READ_SEARCH };
	gboolean administers = may(CAP_SYS_ADMIN);
	const unsigned int *wanted = administers ? kept : instead;
	gsize count = administers ? G_N_ELEMENTS(kept) : G_N_ELEMENTS(instead);
	/* For root: to find the network namespaces of all processes, and to read programs whose
	 * constants the kernel blinds (net.core.bpf_jit_harden=2). */
	static const unsigned int roots[] = { CAP_SYS_PTRACE, CAP_SYSLOG };
	gboolean had[G_N_ELEMENTS(instead)] = { 0 }, root_had[G_N_ELEMENTS(roots)] = { 0 };

	for (gsize i = 0; i < count; i++)
		had[i] = may(wanted[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
		root_had[i] = may(roots[i]) && caller == 0;
	capng_clear(CAPNG_SELECT_CAPS);
	for (gsize i = 0; i < count; i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, wanted[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
		if (root_had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, roots[i]);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    capng_apply(CAPNG_SELECT_CAPS) < 0)
		return set_error(error, "its capabilities");
	return TRUE;
}

static gboolean close_door(GError **error)
{
	int result;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return set_error(error, "no_new_privs");
#if !defined(XDPSHARK_SANITIZED) /* LeakSanitizer attaches to its own process */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return set_error(error, "being dumpable");
#endif
	result = syscall_filter_load();
	errno = -result;
	return result == 0 || set_error(error, "system calls");
}

gboolean confine_begin(GError **error)
{
	if (capng_get_caps_process() < 0)
		return set_error(error, "capabilities cannot be read");
	if (raise_permitted(error) && leave_uid(error) && reset_limits(error)) {
		reset_scheduling();
		if (empty_bounding_set(error) && keep_capabilities(error) && close_door(error))
			return TRUE;
	}
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		_exit(1);
	return FALSE;
}
