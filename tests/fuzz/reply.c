// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes as what xdpshark-hookd answers. The broker's own source is part of
 * this, with a socket in place of that of a started xdpshark-hookd.
 */
#include "../../extcap/call/broker.c"	      // NOLINT(bugprone-suspicious-include)
#include "../../extcap/call/broker_session.c" // NOLINT(bugprone-suspicious-include)
#include "../../extcap/call/channel.c"	      // NOLINT(bugprone-suspicious-include)

#include <fcntl.h>
#include <sys/mman.h>

#include "fuzz.h"

/* Stays in the socket's buffer. */
#define INPUT_MAX 16384

/* What comes before the answer. */
typedef struct {
	guint8 call; /* which one is asked */
	guint8 fds;  /* that come with the answer */
} Plan;

static int memory;
static Broker *running;

/* The messages that people read. */
static void read_hook(Point *hook)
{
	g_autofree char *display = NULL;

	if (!hook)
		return;
	display = point_display(hook);
	FUZZ_CHECK(g_utf8_validate(display, -1, NULL) && !strpbrk(display, "{}\r\n"));
	FUZZ_CHECK(hook->slots.count <= HOOK_MAX_SLOTS);
	for (guint i = 0; i < hook->devices->len; i++)
		point_device(hook, ((PointDevice *)g_ptr_array_index(hook->devices, i))->ifindex);
	point_program(hook, 1);
	point_free(hook);
}

static void list_hooks(GError **error)
{
	g_autoptr(GPtrArray) hooks = broker_list_points(running, NULL, error);

	if (hooks)
		g_ptr_array_set_free_func(hooks, NULL);
	for (guint i = 0; hooks && i < hooks->len; i++)
		read_hook(g_ptr_array_index(hooks, i));
}

static void open_hook(GError **error)
{
	PointAddress address = { &source_hook, "/sys/fs/bpf/fw" };

	read_hook(broker_open_point(running, &address, error));
}

static void check_filter(GError **error)
{
	const struct sock_filter code = { BPF_RET | BPF_K, 0, 0, 1 };

	broker_check_filter(running, &code, 1, error);
}

static void check_attachment(const Attachment *attachment)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		const Absence *absence = &attachment->absences[action];

		FUZZ_CHECK(absence->state < SLOT_STATES && absence->cause < SLOT_STATES);
		FUZZ_CHECK(memchr(absence->program_name, '\0', sizeof(absence->program_name)));
	}
}

/* Whatever the answer says: each descriptor that a reader would map is there. */
static void open_session(GError **error)
{
	const struct sock_filter code = { BPF_RET | BPF_K, 0, 0, 1 };
	const SessionRequest request = { .type = &source_hook,
					 .address = "/sys/fs/bpf/fw",
					 .filter = &code,
					 .filter_length = 1,
					 .ring_size = 65536 };
	g_autoptr(GPtrArray) sessions = g_ptr_array_new();
	BrokerSession *session = broker_session_open(running, &request, error);
	const Rings *rings;
	guint64 since;

	if (!session)
		return;
	rings = broker_session_rings(session);
	FUZZ_CHECK(fcntl(rings->segments, F_GETFD) >= 0 && fcntl(rings->cpus, F_GETFD) >= 0);
	FUZZ_CHECK(fcntl(rings->control, F_GETFD) >= 0 && fcntl(rings->wake, F_GETFD) >= 0);
	g_ptr_array_add(sessions, session);
	if (broker_sessions_attach(sessions, NULL)) {
		broker_session_move(session, 7, &since, NULL);
		broker_sessions_detach(sessions, NULL);
		check_attachment(broker_session_attachment(session));
	}
	broker_session_free(session);
}

static void take_news(GError **error)
{
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GPtrArray) news = NULL;

	running->asked = BROKER_IDLE;
	broker_look(running, wanted);
	news = broker_take_news(running, error);
	for (guint i = 0; news && i < news->len; i++) {
		const SessionNews *one = g_ptr_array_index(news, i);

		FUZZ_CHECK(one->pin <= PIN_FOREIGN);
		FUZZ_CHECK(!one->remark || g_utf8_validate(one->remark, -1, NULL));
		FUZZ_CHECK(g_utf8_validate(one->refusal, -1, NULL));
		check_attachment(&one->attachment);
		for (guint k = 0; one->newcomers && k < one->newcomers->len; k++)
			FUZZ_CHECK(((const Point *)one->newcomers->pdata[k])->address);
	}
}

static void survey(GError **error)
{
	g_autoptr(GPtrArray) hookless = NULL;
	g_autoptr(GPtrArray) hooks = broker_survey(running, NULL, &hookless, error);

	FUZZ_CHECK((hooks == NULL) == (hookless == NULL));
}

static void examine(GError **error)
{
	g_autoptr(GPtrArray) findings = broker_examine(running, NULL, error);

	for (guint i = 0; findings && i < findings->len; i++)
		FUZZ_CHECK(((Finding *)g_ptr_array_index(findings, i))->answer < ANSWER_COUNT);
	finding_find(findings, FINDING_BPFFS);
}

static void (*const calls[])(GError **error) = { list_hooks, open_hook, check_filter, open_session,
						 take_news,  survey,	examine };

/* The answer's bytes, with descriptors at the first one. */
static void send_answer(int socket, const uint8_t *data, size_t size, guint count)
{
	Head head = { 0 };
	int fds[CHANNEL_FDS_MAX];

	for (guint i = 0; i < count; i++)
		fds[i] = memory;
	if (size >= sizeof(head)) {
		memcpy(&head, data, sizeof(head));
		FUZZ_CHECK(send_head(socket, &head, fds, count, NULL));
		data += sizeof(head);
		size -= sizeof(head);
	}
	FUZZ_CHECK(send_all(socket, data, size, NULL));
	shutdown(socket, SHUT_WR);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	memory = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(memory >= 0);
	running = broker_new();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	int sockets[2];
	Plan plan;

	if (size < sizeof(plan) || size > INPUT_MAX)
		return 0;
	memcpy(&plan, data, sizeof(plan));
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
	running->given_up = FALSE;
	running->socket = sockets[0];
	send_answer(sockets[1], data + sizeof(plan), size - sizeof(plan),
		    MIN(plan.fds, CHANNEL_FDS_MAX));
	calls[plan.call % G_N_ELEMENTS(calls)](&error);
	close(sockets[0]);
	close(sockets[1]);
	return 0;
}
