// SPDX-License-Identifier: GPL-2.0-or-later
#include "tc_find.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "netlink.h"

/* Newer than the headers: those of bpf_attach_type. */
#define TCX_INGRESS    46
#define TCX_EGRESS     47
#define NETKIT_PRIMARY 54
#define NETKIT_PEER    55

#define NETKIT "netkit"

/* As many as the kernel takes in a place: its BPF_MPROG_MAX. */
#define PLACE_MAX 64

/* The programs of tcx run before filters. */
typedef struct {
	const char *way;
	enum bpf_attach_type type; /* 0: the filters at this parent */
	guint32 parent;
	const char *kind; /* of the devices that have it; NULL: all */
} TcPlace;

static const TcPlace places[] = {
	{ "tcx ingress", TCX_INGRESS, 0, NULL },
	{ "tc ingress", 0, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), NULL },
	{ "tcx egress", TCX_EGRESS, 0, NULL },
	{ "tc egress", 0, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), NULL },
	{ "netkit primary", NETKIT_PRIMARY, 0, NETKIT },
	{ "netkit peer", NETKIT_PEER, 0, NETKIT },
};

struct TcFinder {
	struct mnl_socket *socket; /* NULL: there is none */
	guint32 sequence;
	GHashTable *qdiscs; /* indexes of devices with a clsact or ingress qdisc */
	gboolean refused[G_N_ELEMENTS(places)];
};

/* Asks for all that there is of a type on a device (0: on all), at a parent. */
static void dump(TcFinder *finder, guint16 type, guint32 ifindex, guint32 parent, mnl_cb_t read,
		 gpointer data)
{
	char buffer[128] = { 0 };
	struct nlmsghdr *header;
	struct tcmsg *message;

	if (!finder->socket)
		return;
	header = mnl_nlmsg_put_header(buffer);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = ++finder->sequence;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->tcm_family = AF_UNSPEC;
	message->tcm_ifindex = (int)ifindex;
	message->tcm_parent = parent;
	if (mnl_socket_sendto(finder->socket, header, header->nlmsg_len) >= 0)
		netlink_receive(finder->socket, finder->sequence, read, data);
}

/* Attributes of an object of tc, and of what is nested in it. */
typedef struct {
	const char *kind;
	const struct nlattr *options;
	guint32 id, flags;
} Attributes;

static int read_attribute(const struct nlattr *attribute, void *data)
{
	Attributes *attributes = data;

	if (mnl_attr_get_type(attribute) == TCA_KIND &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		attributes->kind = mnl_attr_get_str(attribute);
	if (mnl_attr_get_type(attribute) == TCA_OPTIONS)
		attributes->options = attribute;
	return MNL_CB_OK;
}

static int read_option(const struct nlattr *attribute, void *data)
{
	Attributes *attributes = data;

	if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
		return MNL_CB_OK;
	if (mnl_attr_get_type(attribute) == TCA_BPF_ID)
		attributes->id = mnl_attr_get_u32(attribute);
	if (mnl_attr_get_type(attribute) == TCA_BPF_FLAGS)
		attributes->flags = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

static int read_qdisc(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *qdisc = mnl_nlmsg_get_payload(message);
	Attributes attributes = { .kind = "" };
	GHashTable *qdiscs = data;

	mnl_attr_parse(message, sizeof(*qdisc), read_attribute, &attributes);
	if (strcmp(attributes.kind, "clsact") == 0 || strcmp(attributes.kind, "ingress") == 0)
		g_hash_table_add(qdiscs, GINT_TO_POINTER(qdisc->tcm_ifindex));
	return MNL_CB_OK;
}

typedef struct {
	GArray *programs;
	const char *way;
} Reading;

static int read_filter(const struct nlmsghdr *message, void *data)
{
	Attributes attributes = { .kind = "" };
	const Reading *reading = data;
	TcProgram program = { .way = reading->way };

	mnl_attr_parse(message, sizeof(struct tcmsg), read_attribute, &attributes);
	if (strcmp(attributes.kind, "bpf") != 0 || !attributes.options)
		return MNL_CB_OK;
	mnl_attr_parse_nested(attributes.options, read_option, &attributes);
	program.id = attributes.id;
	program.classify = !(attributes.flags & TCA_BPF_FLAG_ACT_DIRECT);
	if (program.id != 0)
		g_array_append_val(reading->programs, program);
	return MNL_CB_OK;
}

TcFinder *tc_finder_new(void)
{
	TcFinder *finder = g_new0(TcFinder, 1);

	finder->qdiscs = g_hash_table_new(NULL, NULL);
	finder->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (finder->socket && mnl_socket_bind(finder->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(finder->socket);
		finder->socket = NULL;
	}
	dump(finder, RTM_GETQDISC, 0, 0, read_qdisc, finder->qdiscs);
	return finder;
}

void tc_finder_free(TcFinder *finder)
{
	if (!finder)
		return;
	if (finder->socket)
		mnl_socket_close(finder->socket);
	g_hash_table_unref(finder->qdiscs);
	g_free(finder);
}

/* A kernel that does not know the place says so of each device. */
static void query(TcFinder *finder, guint place, guint32 ifindex, GArray *programs)
{
	guint32 ids[PLACE_MAX] = { 0 };
	LIBBPF_OPTS(bpf_prog_query_opts, options, .prog_ids = ids, .prog_cnt = PLACE_MAX);

	if (finder->refused[place])
		return;
	if (bpf_prog_query_opts((int)ifindex, places[place].type, &options) < 0) {
		finder->refused[place] = errno == EINVAL || errno == EPERM;
		return;
	}
	for (guint i = 0; i < MIN(options.prog_cnt, PLACE_MAX); i++) {
		TcProgram program = { .id = ids[i], .way = places[place].way };

		g_array_append_val(programs, program);
	}
}

GArray *tc_find(TcFinder *finder, guint32 ifindex, const char *kind)
{
	GArray *programs = g_array_new(FALSE, FALSE, sizeof(TcProgram));
	gboolean has_qdisc = g_hash_table_contains(finder->qdiscs, GUINT_TO_POINTER(ifindex));

	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		Reading reading = { programs, places[i].way };

		if (places[i].kind && g_strcmp0(kind, places[i].kind) != 0)
			continue;
		if (places[i].type != 0)
			query(finder, i, ifindex, programs);
		else if (has_qdisc)
			dump(finder, RTM_GETTFILTER, ifindex, places[i].parent, read_filter,
			     &reading);
	}
	if (programs->len > 0)
		return programs;
	g_array_unref(programs);
	return NULL;
}
