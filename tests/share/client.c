// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client HOOKD: starts that xdpshark-hookd and talks to it as xdpshark does, but in any order: it
 * takes one command per line on standard input, and answers each with one line that begins with
 * "ok" or "error".
 */
#include <errno.h>
#include <glib.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "channel.h"
#include "record.h"
#include "rings.h"
#include "session_call.h"

#define RING_SIZE 65536

/* What a session handed out. */
typedef struct {
	int fds[RINGS_FDS]; /* in the order of Rings */
	guint cpu_count;
} Opened;

typedef struct {
	int socket;
	pid_t hookd;
	GArray *sessions; /* Opened */
	GString *log;	  /* of the last answer */
	GString *error;	  /* of the last call that was refused */
	gboolean quiet;	  /* do not print it */
} Client;

static void start(Client *client, const char *path)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		g_error("no sockets: %s", g_strerror(errno));
	client->hookd = fork();
	if (client->hookd == 0) {
		/* If it is descriptor 3 already, it would be closed on exec. */
		int moved = dup(sockets[1]);

		dup2(moved, CALL_SOCKET_FD);
		execl(path, path, NULL);
		g_error("%s: %s", path, g_strerror(errno));
	}
	close(sockets[1]);
	client->socket = sockets[0];
}

/* What was logged, for the answer's line. */
static void note_log(Client *client, GVariant *lines)
{
	g_string_truncate(client->log, 0);
	for (gsize i = 0; i < g_variant_n_children(lines); i++) {
		const char *text;

		g_variant_get_child(lines, i, "(u&s)", NULL, &text);
		g_string_append_printf(client->log, " | %s", text);
	}
}

/* Asks, and prints the error if there is one: then NULL. */
static GVariant *ask(Client *client, const char *method, GVariant *arguments, GArray *fds)
{
	g_autoptr(GVariant) reply = NULL, lines = NULL;
	const char *domain, *message;
	GVariant *result;
	gboolean done;
	gint32 code;

	if (channel_send(client->socket, g_variant_new(CALL_REQUEST_TYPE, method, arguments), NULL,
			 0, NULL))
		reply = channel_receive(client->socket, G_VARIANT_TYPE(CALL_REPLY_TYPE), fds, NULL);
	if (!reply) {
		printf("error xdpshark-hookd has ended\n");
		return NULL;
	}
	g_variant_get(reply, "(b&si&s@a(us)v)", &done, &domain, &code, &message, &lines, &result);
	note_log(client, lines);
	if (done)
		return result;
	g_string_assign(client->error, message);
	if (!client->quiet)
		printf("error %s\n", message);
	g_variant_unref(result);
	return NULL;
}

static guint32 id_of(Client *client, const char *path)
{
	GVariantBuilder addresses;
	g_autoptr(GVariant) result = NULL, first = NULL;
	g_autoptr(Point) point = NULL;

	g_variant_builder_init(&addresses, G_VARIANT_TYPE("a(say)"));
	g_variant_builder_add(&addresses, "(s^ay)", source_hook.scheme, path);
	result = ask(client, CALL_OPEN_POINTS, g_variant_new("(a(say))", &addresses), NULL);
	first = result ? g_variant_get_child_value(result, 0) : NULL;
	point = first ? point_from_variant(first) : NULL;
	return point ? point->id : 0;
}

static GVariant *session_arguments(const char *path, guint32 id, guint actions, gboolean share)
{
	const struct sock_filter all = { BPF_RET | BPF_K, 0, 0, 262144 };
	const SessionRequest request = {
		.type = &source_hook,
		.address = path,
		.id = id,
		.filter = &all,
		.filter_length = 1,
		.snaplen = 65535,
		.verdicts = actions,
		.share_foreign = share,
		.ring_size = RING_SIZE,
	};

	return g_variant_new("(@a{sv})", session_request_pack(&request));
}

/* open PATH [ACTIONS [share]] */
static void open_session(Client *client, char **words)
{
	guint actions = words[1] && words[2] ? (guint)atoi(words[2]) : 0;
	gboolean share = words[1] && words[2] && words[3];
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
	guint32 map_id = id_of(client, words[1]);
	g_autoptr(GVariant) result = NULL;
	Opened opened = { 0 };

	if (!map_id)
		return;
	result = ask(client, CALL_OPEN_SESSION, session_arguments(words[1], map_id, actions, share),
		     fds);
	if (!result)
		return;
	g_variant_get_child(result, 2, "u", &opened.cpu_count);
	memcpy(opened.fds, fds->data, MIN(fds->len, RINGS_FDS) * sizeof(int));
	g_array_append_val(client->sessions, opened);
	printf("ok %u\n", client->sessions->len - 1);
}

/* claim PATH ACTIONS COUNT: makes xdpshark-hookd look that many times at slots taken by somebody
 * who does not share. Prints how often it was refused for another reason. */
static void claim(Client *client, char **words)
{
	guint32 map_id = id_of(client, words[1]);
	guint others = 0;

	client->quiet = TRUE;
	for (int i = 0; map_id && i < atoi(words[3]); i++) {
		g_autoptr(GVariant) result = ask(
			client, CALL_OPEN_SESSION,
			session_arguments(words[1], map_id, (guint)atoi(words[2]), FALSE), NULL);

		others += result || !strstr(client->error->str, "which is not xdpshark's");
	}
	client->quiet = FALSE;
	if (map_id)
		printf("ok %u\n", others);
}

static GVariant *numbers(char **words)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("au"));
	for (; *words; words++)
		g_variant_builder_add(&list, "u", (guint32)atoi(*words));
	return g_variant_new("(au)", &list);
}

/* attach NUMBER..., detach NUMBER..., move NUMBER MAP, look */
static void call(Client *client, char **words)
{
	static const struct {
		const char *word, *method;
	} calls[] = {
		{ "attach", CALL_ATTACH_SESSIONS },
		{ "detach", CALL_DETACH_SESSIONS },
		{ "move", CALL_MOVE_SESSION },
		{ "look", CALL_LOOK },
	};
	g_autoptr(GVariant) result = NULL;
	GVariant *arguments;

	if (strcmp(words[0], "look") == 0)
		arguments = g_variant_new("(au)", NULL);
	else if (strcmp(words[0], "move") == 0)
		arguments = g_variant_new("(uu)", (guint32)atoi(words[1]), (guint32)atoi(words[2]));
	else
		arguments = numbers(words + 1);
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
		if (strcmp(words[0], calls[i].word) == 0)
			result = ask(client, calls[i].method, arguments, NULL);
	if (result)
		printf("ok%s\n", client->log->str);
}

/* change NUMBER: to another filter, which lets all packets through, too. */
static void change(Client *client, char **words)
{
	const struct sock_filter filter[] = { { BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
					      { BPF_RET | BPF_A, 0, 0, 0 } };
	const SessionRequest wanted = { .filter = filter,
					.filter_length = G_N_ELEMENTS(filter),
					.verdicts = 1U << XDP_DROP };
	g_autoptr(GVariant) result = ask(
		client, CALL_CHANGE_SESSION,
		g_variant_new("(u@a{sv})", (guint32)atoi(words[1]), session_change_pack(&wanted)),
		NULL);

	if (result)
		printf("ok%s\n", client->log->str);
}

static const Opened *find(const Client *client, const char *number)
{
	guint index = (guint)atoi(number);

	if (index >= client->sessions->len)
		g_error("there is no session %u", index);
	return &g_array_index(client->sessions, Opened, index);
}

static void *map(int fd, gsize size, gsize offset, int protection)
{
	void *address = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);

	if (address == MAP_FAILED)
		g_error("cannot map: %s", g_strerror(errno));
	return address;
}

static struct xdpshark_cpu *map_cpus(const Opened *opened, gsize *ret_size)
{
	*ret_size = opened->cpu_count * sizeof(struct xdpshark_cpu);
	return map(opened->fds[1], *ret_size, 0, PROT_READ | PROT_WRITE);
}

/* counts NUMBER: prints the packets received, captured, and lost for lack of a reader. */
static void print_counts(Client *client, char **words)
{
	const Opened *opened = find(client, words[1]);
	guint64 received = 0, captured = 0, lost = 0;
	gsize size;
	struct xdpshark_cpu *cpus = map_cpus(opened, &size);

	for (guint i = 0; i < opened->cpu_count * XDPSHARK_VERDICT_SLOTS; i++) {
		const struct xdpshark_cpu *cpu = &cpus[i / XDPSHARK_VERDICT_SLOTS];
		const guint64 *outcomes =
			(const guint64 *)cpu->outcomes[i % XDPSHARK_VERDICT_SLOTS];

		captured += outcomes[XDPSHARK_CAPTURED];
		lost += outcomes[XDPSHARK_LOST_READER];
		for (guint k = 0; k < XDPSHARK_OUTCOMES; k++)
			received += outcomes[k];
	}
	munmap(cpus, size);
	printf("ok %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", received,
	       captured, lost);
}

/* fill NUMBER BYTE: fills everything writable that the session handed out with that byte. */
static void fill(Client *client, char **words)
{
	const Opened *opened = find(client, words[1]);
	int byte = atoi(words[2]);
	gsize page = (gsize)sysconf(_SC_PAGESIZE), size;
	struct xdpshark_cpu *cpus = map_cpus(opened, &size);
	void *control = map(opened->fds[2], page, 0, PROT_READ | PROT_WRITE);

	memset(cpus, byte, size);
	memset(control, byte, page);
	munmap(cpus, size);
	munmap(control, page);
	printf("ok\n");
}

/* wake NUMBER MS: keeps asking to be woken for that long. Prints how often it was woken, and how
 * many ms it took. */
static void count_wakeups(Client *client, char **words)
{
	const Opened *opened = find(client, words[1]);
	gsize page = (gsize)sysconf(_SC_PAGESIZE);
	struct xdpshark_control *control = map(opened->fds[2], page, 0, PROT_READ | PROT_WRITE);
	gulong *consumer = map(opened->fds[3], page, 0, PROT_READ | PROT_WRITE);
	const gulong *producer = map(opened->fds[3], page, page, PROT_READ);
	gint64 start = g_get_monotonic_time(), end = start + (gint64)atoi(words[2]) * 1000;
	gulong first = *producer;
	gsize size;
	struct xdpshark_cpu *cpus = map_cpus(opened, &size);

	while (g_get_monotonic_time() < end) {
		/* Only a packet that has room wakes. */
		for (guint i = 0; i < opened->cpu_count; i++)
			cpus[i].freed = __atomic_load_n(&cpus[i].taken, __ATOMIC_ACQUIRE);
		__atomic_store_n(&control->armed, 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(consumer, __atomic_load_n(producer, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
	}
	/* Each takes 16 bytes: a header, and 8 that nobody reads. */
	printf("ok %lu %" G_GINT64_FORMAT "\n", (*producer - first) / 16,
	       (g_get_monotonic_time() - start) / 1000);
	munmap(cpus, size);
	munmap(control, page);
	munmap(consumer, page);
	munmap((void *)producer, page);
}

static void print_pid(Client *client, char **words G_GNUC_UNUSED)
{
	printf("ok %d\n", client->hookd);
}

/* kill: kills xdpshark-hookd and waits until it is gone. */
static void kill_hookd(Client *client, char **words G_GNUC_UNUSED)
{
	kill(client->hookd, SIGKILL);
	waitpid(client->hookd, NULL, 0);
	printf("ok\n");
}

/* shoot: the same without waiting. */
static void shoot(Client *client, char **words G_GNUC_UNUSED)
{
	kill(client->hookd, SIGKILL);
	printf("ok\n");
}

static const struct {
	const char *word;
	guint arguments;
	void (*run)(Client *client, char **words);
} commands[] = {
	{ "open", 1, open_session },  { "claim", 3, claim },	     { "attach", 1, call },
	{ "detach", 1, call },	      { "move", 2, call },	     { "look", 0, call },
	{ "change", 1, change },      { "counts", 1, print_counts }, { "fill", 2, fill },
	{ "wake", 2, count_wakeups }, { "pid", 0, print_pid },	     { "kill", 0, kill_hookd },
	{ "shoot", 0, shoot },
};

static void run(Client *client, char *line)
{
	g_auto(GStrv) words = g_strsplit(g_strstrip(line), " ", -1);
	guint count = g_strv_length(words);

	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (count == 0 || strcmp(words[0], commands[i].word) != 0 ||
		    count <= commands[i].arguments)
			continue;
		commands[i].run(client, words);
		return;
	}
	g_error("no command: %s", line);
}

int main(int argc, char **argv)
{
	Client client = { .sessions = g_array_new(FALSE, FALSE, sizeof(Opened)),
			  .log = g_string_new(NULL),
			  .error = g_string_new(NULL) };
	char line[4096];

	if (argc != 2)
		g_error("usage: client HOOKD");
	setvbuf(stdout, NULL, _IOLBF, 0);
	start(&client, argv[1]);
	while (fgets(line, sizeof(line), stdin))
		run(&client, line);
	g_array_unref(client.sessions);
	g_string_free(client.log, TRUE);
	g_string_free(client.error, TRUE);
	return EXIT_SUCCESS;
}
