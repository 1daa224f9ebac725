// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child_end.h"
#include "expression.h"
#include "hint.h"
#include "privilege.h"

G_DEFINE_QUARK(xdpshark_filter_error, filter_error)

/* A user who types a filter waits this long for libpcap's optimiser. Without it libpcap gets this
 * much CPU time, and may take longer if it has to wait: for a CPU on a busy machine, or for the
 * DNS. */
#define OPTIMIZED_LIMIT_MS	 2000
#define UNOPTIMIZED_CPU_LIMIT_MS 15000
#define UNOPTIMIZED_LIMIT_MS	 60000
#define LOOK_INTERVAL_MS	 250

/* The optimiser always takes longer for expressions above this length in bytes (some 500 hosts). */
#define OPTIMIZED_LENGTH_MAX 10000

/* The eBPF verifier processes at most a million instructions; no larger classic program can be
 * loaded. */
#define LENGTH_MAX 1000000

/* Bytes of a filter that an error message shows. */
#define FILTER_SHOWN 60

/* libpcap's maximum snapshot length. */
#define SNAPLEN 262144

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter),
	       "libpcap's and Linux's classic BPF");

/* What the child writes: this, then the instructions or the error text. */
typedef struct {
	guint32 failed;
	guint32 length; /* number of instructions, or bytes of text */
} AnswerHead;

static gboolean write_all(int fd, const void *data, gsize size)
{
	const char *at = data;

	while (size > 0) {
		gssize written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return FALSE;
		at += written;
		size -= written;
	}
	return TRUE;
}

typedef struct {
	pcap_t *pcap;
	guint32 netmask;
	gboolean optimize;
} Compiler;

/* ExpressionCompile for libpcap. */
static gboolean compile_piece(const char *text, GArray *code, gpointer data)
{
	const Compiler *compiler = data;
	struct bpf_program program;

	if (pcap_compile(compiler->pcap, &program, text, compiler->optimize, compiler->netmask) !=
	    0)
		return FALSE;
	g_array_append_vals(code, program.bf_insns, program.bf_len);
	pcap_freecode(&program);
	return TRUE;
}

/* Runs in the child: libpcap must not bring down the capture, nor delay it. The optimiser only
 * makes sense for the whole expression. */
static void compile_and_write(int fd, const char *text, LinkType link, guint32 netmask,
			      gboolean optimize)
{
	Compiler compiler = { pcap_open_dead(link_types[link].dlt, SNAPLEN), netmask, optimize };
	g_autoptr(GArray) code =
		optimize ? g_array_new(FALSE, FALSE, sizeof(struct sock_filter)) : NULL;
	const char *reason = pcap_geterr(compiler.pcap);
	AnswerHead answer = { 0 };

	if (!optimize)
		code = expression_compile(text, compile_piece, &compiler);
	answer.failed = !code || (optimize && !compile_piece(text, code, &compiler));
	answer.length = answer.failed ? strlen(reason) : code->len;
	if (write_all(fd, &answer, sizeof(answer)))
		write_all(fd, answer.failed ? reason : code->data,
			  answer.failed ? answer.length
					: answer.length * sizeof(struct sock_filter));
}

/* A process that compiles a filter. */
typedef struct {
	pid_t pid; /* -1: could not be started, with errno in reason */
	int fd;	   /* its answer */
	int reason;
	int status; /* when it has ended: waitpid()'s */
} Child;

/* The CPU time that a process has used, in ms; 0 where the system does not say that of others. */
static gint64 cpu_time_ms(pid_t pid)
{
#ifdef _GNU_SOURCE
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
		return (gint64)used.tv_sec * 1000 + used.tv_nsec / 1000000;
#else
	(void)pid;
#endif
	return 0;
}

/* Reads its answer to the end, or until a time limit is over (then FALSE with ETIMEDOUT). */
static gboolean child_read(const Child *child, guint limit_ms, guint cpu_limit_ms,
			   GByteArray *bytes)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)limit_ms * 1000;
	guint8 buffer[4096];

	for (;;) {
		struct pollfd poller = { .fd = child->fd, .events = POLLIN };
		gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
		gssize got;

		if (left_ms <= 0 || cpu_time_ms(child->pid) >= cpu_limit_ms) {
			errno = ETIMEDOUT;
			return FALSE;
		}
		if (poll(&poller, 1, (int)MIN(left_ms, LOOK_INTERVAL_MS)) <= 0)
			continue;
		got = read(child->fd, buffer, sizeof(buffer));
		if (got == 0)
			return TRUE;
		if (got < 0 && errno != EINTR)
			return FALSE;
		if (got > 0)
			g_byte_array_append(bytes, buffer, got);
	}
}

static Child child_start(const char *text, LinkType link, guint32 netmask, gboolean optimize)
{
	Child child = { .pid = -1, .fd = -1 };
	PrivilegeAccount account = { 0 };
	int fds[2];

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, NULL)) {
		child.reason = errno;
		return child;
	}
	privilege_find_account(NULL, &account, NULL);
	child.pid = fork();
	child.reason = errno;
	child.fd = fds[0];
	if (child.pid == 0) {
		close(fds[0]);
		/* As far as possible: the text is the caller's own, but libpcap resolves names. */
		privilege_drop(&account, NULL);
		/* Whoever waits may end meanwhile. */
		privilege_end_with_parent();
		compile_and_write(fds[1], text, link, netmask, optimize);
		_exit(0);
	}
	close(fds[1]);
	return child;
}

/* Ends the child. Returns its answer, or NULL with errno if it took too long. */
static GByteArray *child_finish(Child *child, guint limit_ms, guint cpu_limit_ms)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	gboolean complete = child->pid > 0 && child_read(child, limit_ms, cpu_limit_ms, bytes);
	int reason = child->pid > 0 ? errno : child->reason;

	if (child->fd >= 0)
		close(child->fd);
	if (child->pid > 0) {
		/* One that has said all is about to end. */
		if (!complete)
			kill(child->pid, SIGKILL);
		while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
			;
	}
	errno = reason;
	return complete ? g_steal_pointer(&bytes) : NULL;
}

static Filter *filter_from_answer(const GByteArray *bytes, const Child *child,
				  const char *filter_text, gboolean optimized, GError **error)
{
	g_autofree char *text = NULL, *hint = NULL;
	AnswerHead answer;
	Filter *filter;

	if (WIFSIGNALED(child->status) && WTERMSIG(child->status) == SIGKILL) {
		text = child_end_describe(child->status);
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FAILED,
			    "the process that runs libpcap %s", text);
		return NULL;
	}
	if (bytes->len < sizeof(answer)) {
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FAILED,
			    "libpcap crashed over this filter");
		return NULL;
	}
	memcpy(&answer, bytes->data, sizeof(answer));
	if (answer.failed) {
		text = g_strndup((const char *)bytes->data + sizeof(answer),
				 bytes->len - sizeof(answer));
		hint = strstr(text, "syntax error") ? hint_find(filter_text) : NULL;
		/* libpcap quotes what it does not understand, including newlines. */
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_SYNTAX, "%s%s%s",
			    g_strdelimit(text, "\r\n", ' '), hint ? ": " : "", hint ? hint : "");
		return NULL;
	}
	if (bytes->len - sizeof(answer) != answer.length * sizeof(struct sock_filter) ||
	    answer.length == 0 || answer.length > LENGTH_MAX) {
		g_set_error(
			error, FILTER_ERROR, FILTER_ERROR_FAILED,
			"libpcap makes %u instructions of this filter: more than the kernel takes",
			answer.length);
		return NULL;
	}
	filter = g_new0(Filter, 1);
	filter->code = g_memdup2(bytes->data + sizeof(answer), bytes->len - sizeof(answer));
	filter->length = answer.length;
	filter->optimized = optimized;
	return filter;
}

Filter *filter_compile(const char *text, LinkType link, guint32 netmask, FilterOptimize optimize,
		       GError **error)
{
	g_autoptr(GByteArray) optimized = NULL, bytes = NULL;
	Child with = { .pid = -1, .fd = -1, .reason = ETIMEDOUT }, without;

	text = text ? text : "";
	/* Run both at once: when the optimiser turns out to be too slow, the other one is done. */
	if (optimize == FILTER_OPTIMIZE_IF_QUICK && strlen(text) <= OPTIMIZED_LENGTH_MAX)
		with = child_start(text, link, netmask, TRUE);
	without = child_start(text, link, netmask, FALSE);
	optimized = child_finish(&with, OPTIMIZED_LIMIT_MS, OPTIMIZED_LIMIT_MS);
	bytes = child_finish(&without, optimized ? 0 : UNOPTIMIZED_LIMIT_MS,
			     UNOPTIMIZED_CPU_LIMIT_MS);
	if (optimized)
		return filter_from_answer(optimized, &with, text, TRUE, error);
	if (bytes) {
		g_info("this filter is compiled without libpcap's optimiser");
		return filter_from_answer(bytes, &without, text, FALSE, error);
	}
	if (errno == ETIMEDOUT)
		g_set_error(
			error, FILTER_ERROR, FILTER_ERROR_TIME,
			"libpcap needs more than %d s for this filter: shorten it, write addresses "
			"in place of names, or make it a plain list (host A or host B or ...), "
			"which is quick at any length",
			UNOPTIMIZED_CPU_LIMIT_MS / 1000);
	else
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FAILED, "cannot run libpcap: %s",
			    child_start_reason(errno));
	return NULL;
}

/* Parses "code jt jf k", in decimal. */
static gboolean parse_instruction(char *text, struct sock_filter *insn)
{
	guint64 maxima[] = { G_MAXUINT16, G_MAXUINT8, G_MAXUINT8, G_MAXUINT32 }, values[4];
	g_auto(GStrv) words = g_strsplit(g_strstrip(text), " ", -1);

	if (g_strv_length(words) != G_N_ELEMENTS(values))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		if (!g_ascii_string_to_unsigned(words[i], 10, 0, maxima[i], &values[i], NULL))
			return FALSE;
	*insn = (struct sock_filter){ values[0], values[1], values[2], values[3] };
	return TRUE;
}

Filter *filter_parse(const char *text, const char *name, GError **error)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));
	g_auto(GStrv) lines = g_strsplit_set(copy, "\n,", -1);
	g_autoptr(Filter) filter = g_new0(Filter, 1);
	guint64 length;

	if (!lines[0] ||
	    !g_ascii_string_to_unsigned(g_strstrip(lines[0]), 10, 0, LENGTH_MAX, &length, NULL) ||
	    g_strv_length(lines) != length + 1) {
		g_set_error(
			error, FILTER_ERROR, FILTER_ERROR_FILE,
			"%s: not the output of tcpdump -ddd: it must begin with the number of the "
			"instructions that follow",
			name);
		return NULL;
	}
	filter->length = length;
	filter->code = g_new0(struct sock_filter, length);
	for (gsize i = 0; i < length; i++) {
		if (parse_instruction(lines[i + 1], &filter->code[i]))
			continue;
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FILE,
			    "%s: instruction %" G_GSIZE_FORMAT
			    " is not \"code jt jf k\" in decimal",
			    name, i);
		return NULL;
	}
	return g_steal_pointer(&filter);
}

Filter *filter_read(const char *path, GError **error)
{
	g_autofree char *text = NULL;

	return g_file_get_contents(path, &text, NULL, error) ? filter_parse(text, path, error)
							     : NULL;
}

char *filter_format_instruction(const Filter *filter, gsize index)
{
	const struct sock_filter *from = &filter->code[index];
	const struct bpf_insn insn = { from->code, from->jt, from->jf, from->k };

	/* bpf_image() returns a static buffer. */
	return g_strdup(bpf_image(&insn, (int)index));
}

char *filter_format(const Filter *filter)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < filter->length; i++) {
		g_autofree char *line = filter_format_instruction(filter, i);

		g_string_append_printf(text, "%s\n", line);
	}
	return g_string_free(text, FALSE);
}

void filter_error_quote(GError **error, const char *text)
{
	if ((*error)->domain == FILTER_ERROR)
		g_prefix_error(error, "capture filter \"%.*s%s\": ", FILTER_SHOWN, text,
			       strlen(text) > FILTER_SHOWN ? "..." : "");
}

void filter_free(Filter *filter)
{
	if (!filter)
		return;
	g_free(filter->code);
	g_free(filter);
}
