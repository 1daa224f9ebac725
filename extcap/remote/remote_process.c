// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child_end.h"
#include "remote_host.h"

/* In the process between. */
#define END_FD	   3
#define CONTROL_FD 4
#define INPUT_FD   5 /* the end of the program's standard input that is written to */
#define FDS	   6
/* What may wait to be sent to a program that does not read. */
#define UNSENT_MAX 1048576

/* Of those that may be open. */
#define FDS_MAX 65536

/* What is asked of it. When the pipe ends, we have gone. */
#define CLOSE_INPUT 's'
#define END_NOW	    'e'

/* How long the program may take to end after we have gone. */
#define GRACE_S 3
/* And after it was asked to end by a signal. */
#define TERM_MS 500

typedef struct {
	gboolean started;
	int value; /* waitpid()'s status, or errno */
} End;

struct RemoteProcess {
	char *name;
	int output;
	int error;
	int end;
	int control;
	int input;	     /* -1: closed */
	GByteArray *unsent;  /* to it */
	guint unsent_source; /* waits for room */
	pid_t pid;
	gboolean ended;
	int status;
	char *failure;
};

enum { PIPE_INPUT, PIPE_OUTPUT, PIPE_ERROR, PIPE_END, PIPE_CONTROL, PIPES };
enum { READ, WRITE };

/* Which end of each pipe becomes that descriptor of the other side. */
static const struct {
	int pipe;
	int end;
} far_ends[FDS] = {
	{ PIPE_INPUT, READ }, { PIPE_OUTPUT, WRITE }, { PIPE_ERROR, WRITE },
	{ PIPE_END, WRITE },  { PIPE_CONTROL, READ }, { PIPE_INPUT, WRITE },
};

static void close_pipes(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++)
		for (int j = 0; j < 2; j++)
			if (pipes[i][j] >= 0)
				close(pipes[i][j]);
}

static gboolean open_pipes(int pipes[PIPES][2])
{
	memset(pipes, -1, PIPES * sizeof(*pipes));
	for (int i = 0; i < PIPES; i++)
		if (!g_unix_open_pipe(pipes[i], FD_CLOEXEC, NULL))
			return FALSE;
	return TRUE;
}

/* Numbers the far ends, and keeps nothing else: pipes to other hosts' programs among it, which
 * would never see the end of their input. */
static gboolean move_pipes(int pipes[PIPES][2])
{
	int limit = (int)CLAMP(sysconf(_SC_OPEN_MAX), FDS, FDS_MAX);
	int copies[FDS];

	for (int i = 0; i < FDS; i++) {
		copies[i] = fcntl(pipes[far_ends[i].pipe][far_ends[i].end], F_DUPFD_CLOEXEC, FDS);
		if (copies[i] < 0)
			return FALSE;
	}
	for (int i = 0; i < FDS; i++)
		if (dup2(copies[i], i) < 0)
			return FALSE;
#if defined(_GNU_SOURCE) && defined(SYS_close_range)
	if (syscall(SYS_close_range, FDS, ~0U, 0) == 0)
		limit = 0;
#endif
	for (int fd = FDS; fd < limit; fd++)
		close(fd);
	for (int fd = END_FD; fd < FDS; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return FALSE;
	return fcntl(INPUT_FD, F_SETFL, O_NONBLOCK) == 0;
}

static void say_end(gboolean started, int value)
{
	const End end = { started, value };

	(void)!write(END_FD, &end, sizeof(end));
}

static void run_program(const char *const *command, gboolean ask)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (ask)
		setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	execvp(command[0], (char *const *)command);
	say_end(FALSE, errno);
	_exit(127);
}

static void on_child(int number)
{
	(void)number; /* it only interrupts */
}

typedef enum { WAITED, ASKED, ENDED } Wait;

/* Waits until the program has ended, or for so long. control: or until something is asked. */
static Wait await_program(pid_t program, gboolean control, const struct timespec *limit,
			  const sigset_t *open, int *ret_status)
{
	fd_set fds;
	int ready = 0;

	if (waitpid(program, ret_status, WNOHANG) == program)
		return ENDED;
	FD_ZERO(&fds);
	if (control)
		FD_SET(CONTROL_FD, &fds);
	ready = pselect(CONTROL_FD + 1, &fds, NULL, NULL, limit, open);
	if (waitpid(program, ret_status, WNOHANG) == program)
		return ENDED;
	return ready > 0 ? ASKED : WAITED;
}

/* Until the program has ended (TRUE), or is to be ended. */
static gboolean serve(pid_t program, const sigset_t *open, int *ret_status)
{
	const struct timespec second = { .tv_sec = 1 }, grace = { .tv_sec = GRACE_S };
	gboolean input = TRUE;
	char asked;
	Wait wait;

	while ((wait = await_program(program, TRUE, &second, open, ret_status)) != ENDED) {
		gssize length = wait == ASKED ? read(CONTROL_FD, &asked, 1) : 1;

		if (wait == WAITED && input)
			(void)!write(INPUT_FD, "\n", 1);
		if (input && wait == ASKED && (length != 1 || asked == CLOSE_INPUT)) {
			close(INPUT_FD);
			input = FALSE;
		}
		if (length != 1)
			return await_program(program, FALSE, &grace, open, ret_status) == ENDED;
		if (wait == ASKED && asked == END_NOW)
			return FALSE;
	}
	return TRUE;
}

static void mind(pid_t program, const sigset_t *open_signals)
{
	const struct timespec term = { .tv_nsec = TERM_MS * 1000000L };
	int status = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < END_FD && null >= 0; fd++)
		dup2(null, fd);
	if (!serve(program, open_signals, &status)) {
		kill(0, SIGTERM);
		if (await_program(program, FALSE, &term, open_signals, &status) != ENDED) {
			kill(program, SIGKILL);
			waitpid(program, &status, 0);
		}
	}
	say_end(TRUE, status);
	_exit(0);
}

/* In the new process. Only what is safe between fork() and exec() is called. */
static void run(const char *const *command, int pipes[PIPES][2], gboolean ask)
{
	const struct sigaction child = { .sa_handler = on_child };
	sigset_t blocked, open;
	pid_t program;

	setsid();
	sigemptyset(&open);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &child, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (!move_pipes(pipes))
		_exit(0);
	program = fork();
	if (program == 0)
		run_program(command, ask);
	if (program < 0) {
		say_end(FALSE, errno);
		_exit(0);
	}
	mind(program, &open);
}

static void take_pipes(RemoteProcess *process, int pipes[PIPES][2])
{
	int *const ends[PIPES] = {
		[PIPE_OUTPUT] = &process->output,
		[PIPE_ERROR] = &process->error,
		[PIPE_END] = &process->end,
		[PIPE_CONTROL] = &process->control,
	};

	for (int i = 0; i < INPUT_FD; i++)
		close(pipes[far_ends[i].pipe][far_ends[i].end]);
	process->input = pipes[PIPE_INPUT][WRITE];
	g_unix_set_fd_nonblocking(process->input, TRUE, NULL);
	for (int i = PIPE_OUTPUT; i < PIPES; i++) {
		*ends[i] = pipes[i][!far_ends[i].end];
		g_unix_set_fd_nonblocking(*ends[i], TRUE, NULL);
	}
}

RemoteProcess *remote_process_start(const char *const *command, GError **error)
{
	const char *askpass = g_getenv("SSH_ASKPASS");
	RemoteProcess *process;
	int pipes[PIPES][2];
	pid_t pid = -1;

	if (open_pipes(pipes))
		pid = fork();
	if (pid < 0) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED, "cannot start %s: %s",
			    command[0], child_start_reason(errno));
		close_pipes(pipes);
		return NULL;
	}
	if (pid == 0) {
		run(command, pipes, askpass && *askpass);
		_exit(0);
	}
	process = g_new0(RemoteProcess, 1);
	process->name = g_strdup(command[0]);
	process->pid = pid;
	process->unsent = g_byte_array_new();
	take_pipes(process, pipes);
	return process;
}

int remote_process_output(const RemoteProcess *process)
{
	return process->output;
}

int remote_process_error(const RemoteProcess *process)
{
	return process->error;
}

int remote_process_end_fd(const RemoteProcess *process)
{
	return process->end;
}

/* Writes what waits, as far as it is taken. FALSE if nothing is left to do. */
static gboolean send_more(RemoteProcess *process)
{
	gssize written = write(process->input, process->unsent->data, process->unsent->len);

	if (written > 0)
		g_byte_array_remove_range(process->unsent, 0, (guint)written);
	else if (errno != EAGAIN && errno != EINTR)
		g_byte_array_set_size(process->unsent, 0);
	return process->unsent->len > 0;
}

static gboolean on_room(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	RemoteProcess *process = data;

	if (send_more(process))
		return G_SOURCE_CONTINUE;
	process->unsent_source = 0;
	return G_SOURCE_REMOVE;
}

void remote_process_send(RemoteProcess *process, const char *bytes, gsize length)
{
	if (process->input < 0 || length > UNSENT_MAX - process->unsent->len)
		return;
	g_byte_array_append(process->unsent, (const guint8 *)bytes, (guint)length);
	if (process->unsent_source == 0 && send_more(process))
		process->unsent_source =
			g_unix_fd_add(process->input, G_IO_OUT | G_IO_ERR, on_room, process);
}

static void close_input(RemoteProcess *process)
{
	g_clear_handle_id(&process->unsent_source, g_source_remove);
	g_byte_array_set_size(process->unsent, 0);
	if (process->input >= 0)
		close(process->input);
	process->input = -1;
}

void remote_process_close_input(RemoteProcess *process)
{
	static const char asked = CLOSE_INPUT;

	close_input(process);
	if (!process->ended)
		(void)!write(process->control, &asked, 1);
}

gboolean remote_process_take_end(RemoteProcess *process)
{
	End end = { .started = TRUE };
	gssize length;

	if (process->ended)
		return TRUE;
	length = read(process->end, &end, sizeof(end));
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return FALSE;
	process->ended = TRUE;
	if (length != sizeof(end)) {
		process->status = -1;
		process->failure =
			g_strdup_printf("what watches over %s was killed", process->name);
	} else if (!end.started) {
		process->status = -1;
		process->failure = g_strdup_printf("cannot start %s: %s", process->name,
						   g_strerror(end.value));
	} else if (WIFEXITED(end.value)) {
		process->status = WEXITSTATUS(end.value);
	} else {
		g_autofree char *how = child_end_describe(end.value);

		process->status = -1;
		process->failure = g_strdup_printf("%s %s", process->name, how ? how : "has ended");
	}
	return TRUE;
}

int remote_process_status(const RemoteProcess *process)
{
	return process->status;
}

const char *remote_process_failure(const RemoteProcess *process)
{
	return process->failure;
}

void remote_process_free(RemoteProcess *process)
{
	static const char end_now = END_NOW;

	if (!process)
		return;
	if (!process->ended)
		(void)!write(process->control, &end_now, 1);
	close_input(process);
	g_byte_array_unref(process->unsent);
	close(process->control);
	close(process->output);
	close(process->error);
	close(process->end);
	/* It ends within a second; nothing waits for it. */
	(void)waitpid(process->pid, NULL, WNOHANG);
	g_free(process->name);
	g_free(process->failure);
	g_free(process);
}
