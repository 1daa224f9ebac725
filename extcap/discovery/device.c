/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices that carry an XDP program, in all network namespaces that we may enter. A
 * short-lived thread enters the other ones, so that the caller is never in the wrong one.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "device_setting.h"
#include "netlink.h"
#include "xsk_diag.h"

#define MAX_NAMESPACES 1024
#define DUMP_ATTEMPTS  3

typedef struct {
	GPtrArray *devices; /* Device * found so far */
	GHashTable *seen;   /* inodes of namespaces, as gint64 */
	guint64 own;
	const char *only; /* of the namespaces of others; NULL: all */
	gboolean all;	  /* also devices without programs */
	gboolean tc;	  /* only those with programs of tc */
} Scan;

/* A dump of one namespace. */
typedef struct {
	GPtrArray *devices;
	guint64 namespace, cookie;
	const char *name;
	gboolean own, all;
	GHashTable *sockets; /* indexes of devices with AF_XDP sockets; NULL: not looked for */
} Dump;

void device_free(Device *device)
{
	if (!device)
		return;
	g_free(device->name);
	g_free(device->namespace_name);
	g_free(device->kind);
	if (device->tc)
		g_array_unref(device->tc);
	g_free(device);
}

char *device_address(const Device *device)
{
	if (device->own_namespace)
		return g_strdup(device->name);
	if (device->namespace_name)
		return g_strdup_printf("%s:%s", device->namespace_name, device->name);
	return NULL;
}

PointDevice *device_describe(const Device *device, guint32 program_id, guint slot)
{
	PointDevice *item = g_new0(PointDevice, 1);

	item->mode = slot < device->program_count ? device->modes[slot] : XDP_MODE_UNKNOWN;
	item->name = g_strdup(device->name);
	item->ifindex = device->ifindex;
	item->namespace = device->namespace;
	item->namespace_cookie = device->namespace_cookie;
	item->namespace_name = g_strdup(device->namespace_name);
	item->own_namespace = device->own_namespace;
	item->program_id = program_id;
	memcpy(item->mac, device->mac, sizeof(item->mac));
	item->has_mac = device->has_mac;
	item->speed = device->speed;
	item->hardware_type = device->hardware_type;
	item->takes_vlan_tags = device->takes_vlan_tags;
	item->kind = g_strdup(device->kind);
	return item;
}

gint device_compare(gconstpointer a, gconstpointer b)
{
	const Device *first = *(Device *const *)a, *second = *(Device *const *)b;
	int order = second->own_namespace - first->own_namespace;

	if (order == 0)
		order = g_strcmp0(first->namespace_name, second->namespace_name);
	return order != 0 ? order : strcmp(first->name, second->name);
}

static void device_free_item(gpointer device)
{
	device_free(device);
}

/* rtnetlink reports the program twice if it is the only one: in its mode, and without. */
static void device_add_program(Device *device, guint32 id, XdpMode mode)
{
	for (guint i = 0; i < device->program_count; i++) {
		if (device->programs[i] == id) {
			device->modes[i] = MAX(device->modes[i], mode);
			return;
		}
	}
	if (id == 0 || device->program_count == DEVICE_MAX_PROGRAMS)
		return;
	device->programs[device->program_count] = id;
	device->modes[device->program_count++] = mode;
}

static XdpMode mode_of_attribute(guint16 type)
{
	switch (type) {
	case IFLA_XDP_DRV_PROG_ID:
		return XDP_MODE_NATIVE;
	case IFLA_XDP_SKB_PROG_ID:
		return XDP_MODE_GENERIC;
	case IFLA_XDP_HW_PROG_ID:
		return XDP_MODE_OFFLOAD;
	default:
		return XDP_MODE_UNKNOWN;
	}
}

static int dump_xdp_attribute(const struct nlattr *attribute, void *data)
{
	Device *device = data;

	guint16 type = mnl_attr_get_type(attribute);

	switch (type) {
	case IFLA_XDP_PROG_ID:
	case IFLA_XDP_DRV_PROG_ID:
	case IFLA_XDP_SKB_PROG_ID:
	case IFLA_XDP_HW_PROG_ID:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
			device_add_program(device, mnl_attr_get_u32(attribute),
					   mode_of_attribute(type));
		device->native |= type == IFLA_XDP_DRV_PROG_ID;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int dump_info_attribute(const struct nlattr *attribute, void *data)
{
	guint16 type = mnl_attr_get_type(attribute);
	Device *device = data;

	if ((type != IFLA_INFO_KIND && type != IFLA_INFO_SLAVE_KIND) ||
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	if (type == IFLA_INFO_SLAVE_KIND)
		device->bond_port = strcmp(mnl_attr_get_str(attribute), "bond") == 0;
	else if (!device->kind)
		device->kind = g_strdup(mnl_attr_get_str(attribute));
	return MNL_CB_OK;
}

static int dump_attribute(const struct nlattr *attribute, void *data)
{
	Device *device = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		if (!device->name && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			device->name = g_strdup(mnl_attr_get_str(attribute));
		break;
	case IFLA_ADDRESS:
		device->has_mac = mnl_attr_get_payload_len(attribute) == sizeof(device->mac);
		if (device->has_mac)
			memcpy(device->mac, mnl_attr_get_payload(attribute), sizeof(device->mac));
		break;
	case IFLA_XDP:
		if (mnl_attr_validate(attribute, MNL_TYPE_NESTED) == 0)
			mnl_attr_parse_nested(attribute, dump_xdp_attribute, device);
		break;
	case IFLA_LINKINFO:
		if (mnl_attr_validate(attribute, MNL_TYPE_NESTED) == 0)
			mnl_attr_parse_nested(attribute, dump_info_attribute, device);
		break;
	case IFLA_MASTER:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
			device->master = mnl_attr_get_u32(attribute);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int dump_message(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	const Dump *dump = data;
	Device *device;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	device = g_new0(Device, 1);
	mnl_attr_parse(message, sizeof(*link), dump_attribute, device);
	if (!device->name || (device->program_count == 0 && !device->bond_port && !dump->all)) {
		device_free(device);
		return MNL_CB_OK;
	}
	device->ifindex = (guint32)link->ifi_index;
	device->hardware_type = link->ifi_type;
	device->has_sockets =
		dump->sockets &&
		g_hash_table_contains(dump->sockets, GUINT_TO_POINTER(device->ifindex));
	device->namespace = dump->namespace;
	device->namespace_cookie = dump->cookie;
	device->namespace_name = g_strdup(dump->name);
	device->own_namespace = dump->own;
	g_ptr_array_add(dump->devices, device);
	return MNL_CB_OK;
}

static guint64 cookie_of_socket(int fd)
{
	guint64 cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0 ? 0 : cookie;
}

guint64 device_own_cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	guint64 cookie = fd < 0 ? 0 : cookie_of_socket(fd);

	if (fd >= 0)
		close(fd);
	return cookie;
}

/* -EINTR: the devices changed during the dump. */
static int dump_once(Dump *dump, guint32 sequence)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buffer[128] = { 0 }; /* a header and one attribute */
	struct nlmsghdr *header;
	struct ifinfomsg *link;
	int result;

	if (!socket)
		return -errno;
	dump->cookie = cookie_of_socket(mnl_socket_get_fd(socket));
	header = mnl_nlmsg_put_header(buffer);
	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = sequence;
	link = mnl_nlmsg_put_extra_header(header, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		result = -errno;
	else
		result = netlink_receive(socket, sequence, dump_message, dump);
	mnl_socket_close(socket);
	return result;
}

static const Device *find_bond(const GPtrArray *devices, guint first, const Device *port)
{
	for (guint i = first; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);

		if (device->ifindex == port->master && device->native && !device->bond_port)
			return device;
	}
	return NULL;
}

/* A bond attaches its native program to its ports, which rtnetlink does not report. Drops the ports
 * of bonds without one, but if `all` are wanted. */
static void finish_ports(GPtrArray *devices, guint first, gboolean all)
{
	for (guint i = first; i < devices->len; i++) {
		Device *device = g_ptr_array_index(devices, i);
		const Device *bond = NULL;

		if (device->program_count > 0 || !device->bond_port)
			continue;
		bond = find_bond(devices, first, device);
		for (guint j = 0; bond && j < bond->program_count; j++)
			device_add_program(device, bond->programs[j], bond->modes[j]);
		if (device->program_count == 0 && !all)
			g_ptr_array_remove_index(devices, i--);
	}
}

/* Drops those without programs of tc. */
static void keep_tc(GPtrArray *devices, guint first)
{
	TcFinder *finder = first < devices->len ? tc_finder_new() : NULL;

	for (guint i = first; i < devices->len; i++) {
		Device *device = g_ptr_array_index(devices, i);

		device->tc = tc_find(finder, device->ifindex, device->kind);
		if (!device->tc)
			g_ptr_array_remove_index(devices, i--);
	}
	tc_finder_free(finder);
}

/* Adds the devices of the namespace that the calling thread is in. */
static void scan_devices(Scan *scan, guint64 namespace, const char *name)
{
	guint first = scan->devices->len;
	g_autoptr(GHashTable) sockets = scan->all ? xsk_diag_devices() : NULL;
	Dump dump = {
		.devices = scan->devices,
		.namespace = namespace,
		.name = name,
		.own = namespace == scan->own,
		.all = scan->all || scan->tc,
		.sockets = sockets,
	};

	for (guint32 attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
		g_ptr_array_set_size(scan->devices, (gint)first);
		if (dump_once(&dump, attempt) != -EINTR)
			break;
	}
	finish_ports(scan->devices, first, dump.all);
	if (scan->tc)
		keep_tc(scan->devices, first);
	device_settings_read(scan->devices, first);
}

static gboolean scan_is_new(Scan *scan, guint64 namespace)
{
	gint64 *key;

	if (g_hash_table_contains(scan->seen, &namespace) ||
	    g_hash_table_size(scan->seen) >= MAX_NAMESPACES)
		return FALSE;
	key = g_new(gint64, 1);
	*key = (gint64) namespace;
	g_hash_table_add(scan->seen, key);
	return TRUE;
}

/* Takes ownership of fd. Afterwards the calling thread is in that namespace, if permitted. */
static void scan_namespace(Scan *scan, int fd, const char *name)
{
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC && fstat(fd, &st) == 0 &&
	    scan_is_new(scan, st.st_ino) && setns(fd, CLONE_NEWNET) == 0)
		scan_devices(scan, st.st_ino, name);
	close(fd);
}

static void scan_named_namespace(Scan *scan, const char *name)
{
	g_autofree char *path = g_build_filename("/run/netns", name, NULL);

	/* O_NONBLOCK: it may be anything */
	scan_namespace(scan, open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC), name);
}

static void scan_named_namespaces(Scan *scan)
{
	g_autoptr(GDir) directory = g_dir_open("/run/netns", 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory)))
		scan_named_namespace(scan, name);
}

/* Nearly all processes are in a namespace already seen: a readlink() is enough to find out. */
static void scan_processes(Scan *scan)
{
	g_autoptr(GDir) directory = g_dir_open("/proc", 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		char path[64];
		char target[64] = "";
		gint64 namespace;

		if (!g_ascii_isdigit(name[0]))
			continue;
		g_snprintf(path, sizeof(path), "/proc/%s/ns/net", name);
		if (readlink(path, target, sizeof(target) - 1) < 0 ||
		    !g_str_has_prefix(target, "net:["))
			continue;
		namespace = g_ascii_strtoll(target + strlen("net:["), NULL, 10);
		if (!g_hash_table_contains(scan->seen, &namespace))
			scan_namespace(scan, open(path, O_RDONLY | O_CLOEXEC), NULL);
	}
}

static gpointer scan_foreign_namespaces(gpointer data)
{
	Scan *scan = data;

	if (scan->only) {
		scan_named_namespace(scan, scan->only);
	} else {
		scan_named_namespaces(scan);
		scan_processes(scan);
	}
	return NULL;
}

/* Our own, and unless foreign is FALSE, those of others: that of a name, or all. */
static GPtrArray *list_devices(gboolean foreign, Scan scan)
{
	g_autoptr(GHashTable) seen =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	GPtrArray *devices = g_ptr_array_new_with_free_func(device_free_item);
	GThread *thread;
	struct stat st;

	scan.devices = devices;
	scan.seen = seen;
	if (stat("/proc/thread-self/ns/net", &st) == 0)
		scan.own = st.st_ino;
	scan_is_new(&scan, scan.own);
	scan_devices(&scan, scan.own, NULL);
	if (!foreign)
		return devices;
	thread = g_thread_try_new("namespaces", scan_foreign_namespaces, &scan, NULL);
	if (thread)
		g_thread_join(thread);
	return devices;
}

GPtrArray *device_list(void)
{
	return list_devices(TRUE, (Scan){ .only = NULL });
}

GPtrArray *device_list_in(const char *namespace_name)
{
	return list_devices(namespace_name != NULL, (Scan){ .only = namespace_name });
}

GPtrArray *device_list_all(void)
{
	return list_devices(TRUE, (Scan){ .all = TRUE });
}

GPtrArray *device_list_all_in(const char *namespace_name)
{
	return list_devices(namespace_name != NULL, (Scan){ .only = namespace_name, .all = TRUE });
}

GPtrArray *device_list_tc(gboolean here, const char *namespace_name)
{
	return list_devices(!here || namespace_name, (Scan){ .only = namespace_name, .tc = TRUE });
}
