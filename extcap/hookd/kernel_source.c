// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "drop_reason.h"
#include "journey.h"
#include "kernel_programs.h"
#include "kernel_symbol.h"
#include "kernel_trace.h"
#include "preempt_count.h"
#include "quota.h"

#define BTF	   "/sys/kernel/btf/vmlinux"
#define OWN_NET	   "/proc/self/ns/net"
#define NAMESPACES "/run/netns"

/* Elsewhere it is with the task, where programs find it by themselves. */
#ifdef __x86_64__
#define PREEMPT_COUNT_IS_APART TRUE
#else
#define PREEMPT_COUNT_IS_APART FALSE
#endif

typedef struct {
	char *address;
	DropReasons *reasons;
	struct xdpshark_kernel_config wanted;
	GPtrArray *targets;	  /* KernelTarget *; NULL: where packets are dropped */
	KernelPrograms *programs; /* at the targets; NULL likewise */
	GArray *links;		  /* descriptors */
	GHashTable *named;	  /* numbers of places whose name was given */
	gboolean reasons_named;
	gboolean is_guide; /* has joined those who follow packets */
} Place;

static Point *point_of(const char *address)
{
	Point *point = point_new(&source_kernel);

	point->address = g_strdup(address);
	point->name = g_strdup(address);
	point->id = g_str_hash(address);
	return point;
}

/* Without a program being loaded: what the kernel refuses is said when it is asked for. */
static GPtrArray *list(GPtrArray **ret_others G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (const SourcePlace *place = source_kernel.places;
	     access(BTF, R_OK) == 0 && place->address; place++)
		g_ptr_array_add(points, point_of(place->address));
	return points;
}

/* Names of functions, patterns and lists of them; whether there are such is seen when they are
 * opened. */
static gboolean is_address(const char *address)
{
	for (; *address; address++)
		if (!g_ascii_isalnum(*address) && !strchr("_*?,.", *address))
			return FALSE;
	return TRUE;
}

static GPtrArray *describe(const char *const *addresses, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *addresses; addresses++) {
		if (!is_address(*addresses)) {
			g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
				    "kernel:%s: that is no name of a function: 'xdpshark list "
				    "--kernel' shows what there is besides",
				    *addresses);
			return NULL;
		}
		g_ptr_array_add(points, point_of(*addresses));
	}
	return g_steal_pointer(&points);
}

/* The types of the kernel itself; NULL with error. */
static struct btf *read_kernel(const char *address, GError **error)
{
	struct btf *kernel = btf__load_vmlinux_btf();

	if (!kernel)
		g_set_error(
			error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			"kernel:%s cannot be captured: the kernel's types cannot be read from " BTF
			": %s",
			address, g_strerror(errno));
	return kernel;
}

static void add_places(GPtrArray *points, const char *pattern)
{
	for (const SourcePlace *place = source_kernel.places; place->address; place++)
		if (g_pattern_match_simple(pattern, place->address))
			g_ptr_array_add(points, point_of(place->address));
}

static GPtrArray *find(const char *pattern, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) targets = NULL;
	g_autoptr(GError) none = NULL;
	struct btf *kernel;

	if (!is_address(pattern))
		return g_steal_pointer(&points);
	kernel = read_kernel(pattern, error);
	if (!kernel)
		return NULL;
	add_places(points, pattern);
	targets = kernel_targets_find(kernel, pattern, &none);
	for (guint i = 0; targets && i < targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(targets, i);

		g_ptr_array_add(points, point_of(target->name));
	}
	btf__free(kernel);
	return g_steal_pointer(&points);
}

static gboolean set_reasons(Place *place, const char *list_of_names, GError **error)
{
	struct xdpshark_kernel_config *wanted = &place->wanted;
	g_auto(GStrv) names = g_strsplit(list_of_names ? list_of_names : "", ",", -1);

	for (char **name = names; *name; name++) {
		g_strstrip(*name);
		if (**name == '\0')
			continue;
		if (wanted->reason_count == XDPSHARK_REASONS_MAX) {
			g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
				    "--reason: more than %d reasons", XDPSHARK_REASONS_MAX);
			return FALSE;
		}
		if (!drop_reasons_find(place->reasons, *name,
				       &wanted->reasons[wanted->reason_count])) {
			g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
				    "--reason: this kernel knows no reason '%s': 'bpftool btf dump "
				    "file " BTF
				    " | grep SKB_DROP_REASON' shows those that it knows",
				    *name);
			return FALSE;
		}
		wanted->reason_count++;
	}
	return TRUE;
}

static gboolean set_not_dropped(struct xdpshark_kernel_config *wanted, const DropReasons *reasons)
{
	static const char *const names[] = { "SKB_CONSUMED", "SKB_NOT_DROPPED_YET" };

	_Static_assert(G_N_ELEMENTS(names) == G_N_ELEMENTS(wanted->not_dropped), "one for each");
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (!drop_reasons_find(reasons, names[i], &wanted->not_dropped[i]))
			wanted->not_dropped[i] = G_MAXUINT32;
	return TRUE;
}

/* The file of a namespace is one of nsfs, whose inode is the namespace's number. */
static gboolean read_namespace(const char *path, guint32 *ret_number)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return FALSE;
	*ret_number = (guint32)status.st_ino;
	return TRUE;
}

/* Members of the capture group see what dumpcap would let them capture: their own namespace. */
static gboolean set_namespace(Place *place, const char *name, GError **error)
{
	g_autofree char *path = name ? g_build_filename(NAMESPACES, name, NULL) : NULL;
	guint32 own = 0, *wanted = &place->wanted.namespace;

	if (quota_caller() != 0 && !read_namespace(OWN_NET, &own)) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "cannot find out the own network namespace: %s", g_strerror(errno));
		return FALSE;
	}
	if (name && (strchr(name, '/') || !read_namespace(path, wanted))) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "--netns: there is no network namespace '%s' in " NAMESPACES, name);
		return FALSE;
	}
	if (!own || *wanted == own || !name) {
		*wanted = own ? own : *wanted;
		return TRUE;
	}
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
		    "--netns: what the kernel drops in another network namespace ('%s') only root "
		    "may see",
		    name);
	return FALSE;
}

/* A number is a process's id. */
static gboolean set_process(struct xdpshark_kernel_config *wanted, const char *text, GError **error)
{
	guint64 id;

	if (!text)
		return TRUE;
	if (PREEMPT_COUNT_IS_APART && wanted->preempt_count == 0) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "--process: this kernel does not describe how to tell a process's work "
			    "from that of an interrupt");
		return FALSE;
	}
	if (g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &id, NULL)) {
		wanted->process = (guint32)id;
		wanted->process_by = XDPSHARK_PROCESS_BY_ID;
		return TRUE;
	}
	if (strlen(text) >= sizeof(wanted->command))
		g_info("--process: of names the kernel keeps %zu bytes",
		       sizeof(wanted->command) - 1);
	memcpy(wanted->command, text, MIN(strlen(text), sizeof(wanted->command) - 1));
	wanted->process_by = XDPSHARK_PROCESS_BY_NAME;
	return TRUE;
}

static gboolean set_device(struct xdpshark_kernel_config *wanted, const char *name, GError **error)
{
	if (name && strlen(name) >= sizeof(wanted->device)) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST,
			    "--device: '%s' is too long for the name of a device", name);
		return FALSE;
	}
	if (name)
		memcpy(wanted->device, name, strlen(name));
	return TRUE;
}

static gboolean set_wanted(Place *place, const SessionRequest *request, GError **error)
{
	struct xdpshark_kernel_config *wanted = &place->wanted;

	wanted->has_reason = place->reasons->known;
	wanted->wants_stack = request->stack != 0;
	wanted->tracks = place->is_guide;
	wanted->mark = request->mark & request->mark_mask;
	wanted->mark_mask = request->mark_mask;
	return set_not_dropped(wanted, place->reasons) &&
	       set_reasons(place, request->reasons, error) &&
	       set_namespace(place, request->netns, error) &&
	       set_process(wanted, request->process, error) &&
	       set_device(wanted, request->device, error);
}

static void close_link(gpointer link)
{
	close(*(const int *)link);
}

static void place_free(gpointer data)
{
	Place *place = data;

	g_array_unref(place->links);
	kernel_programs_free(place->programs);
	if (place->targets)
		g_ptr_array_unref(place->targets);
	if (place->is_guide)
		journeys_leave();
	drop_reasons_free(place->reasons);
	g_hash_table_unref(place->named);
	g_free(place->address);
	g_free(place);
}

/* The names that an address stands for, which may be those of sets, but for `drops`. */
static char *expand_address(const char *address, gboolean *ret_drops)
{
	g_auto(GStrv) words = g_strsplit(address, ",", -1);
	GString *names = g_string_new(NULL);

	*ret_drops = FALSE;
	for (char **word = words; *word; word++) {
		const SourcePlace *known = source_place_find(&source_kernel, g_strstrip(*word));

		if (known && !known->members)
			*ret_drops = TRUE;
		else
			g_string_append_printf(names, "%s%s", names->len ? "," : "",
					       known ? known->members : *word);
	}
	return g_string_free(names, FALSE);
}

/* FALSE with error if there are none. */
static gboolean find_targets(Place *place, struct btf *kernel, GError **error)
{
	gboolean drops;
	g_autofree char *names = expand_address(place->address, &drops);

	if (drops && names[0] == '\0')
		return TRUE;
	place->targets = kernel_targets_find(kernel, names, error);
	if (place->targets)
		place->programs = kernel_programs_new(place->address, place->targets, drops);
	return place->targets != NULL;
}

static void read_types(Place *place, GError **error)
{
	struct btf *kernel = read_kernel(place->address, error);

	if (!kernel)
		return;
	if (find_targets(place, kernel, error))
		place->reasons = drop_reasons_read(kernel, error);
	place->wanted.preempt_count = preempt_count_distance(kernel);
	btf__free(kernel);
}

static gpointer place_open(const SessionRequest *request, GError **error)
{
	Place *place = g_new0(Place, 1);
	const char *refusal = kernel_trace_refusal();

	place->address = g_strdup(request->address);
	place->links = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(place->links, close_link);
	place->named = g_hash_table_new(NULL, NULL);
	if (refusal)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "kernel:%s cannot be captured: %s; use another kernel",
			    request->address, refusal);
	else if (!request->track || (place->is_guide = journeys_join(error)))
		read_types(place, error);
	if (place->reasons && set_wanted(place, request, error))
		return place;
	place_free(place);
	return NULL;
}

static ProgramSet *load(gpointer data, ProgramRequest *request, Identity *identity G_GNUC_UNUSED,
			GError **error)
{
	Place *place = data;

	if (place->programs)
		return kernel_programs_load(place->programs, request, &place->wanted, error);
	return kernel_trace_load(request, &place->wanted, NULL, TRUE, NULL, error);
}

static gboolean attach_all(Place *place, const ProgramSet *programs, GError **error)
{
	g_autoptr(GError) reason = NULL;
	int link;

	if (place->programs)
		return kernel_programs_attach(place->programs, place->links, error);
	link = kernel_trace_attach(kernel_set_program(programs), &reason);
	if (link >= 0)
		g_array_append_val(place->links, link);
	else
		g_propagate_prefixed_error(error, g_steal_pointer(&reason),
					   "kernel:%s cannot be captured: ", place->address);
	return link >= 0;
}

static gboolean attach(gpointer data, const ProgramSet *programs, GError **error)
{
	Place *place = data;

	return attach_all(place, programs, error) && (!place->is_guide || journeys_watch(error));
}

/* A packet that comes by in an interrupt, while the program is at another one. */
static void report_missed(const Place *place, const ProgramSet *programs)
{
	guint64 missed = place->programs ? kernel_programs_missed(place->programs)
					 : kernel_set_missed(programs);

	if (missed > 0)
		g_message("kernel:%s: %" G_GUINT64_FORMAT " packets were not seen, since their CPU "
			  "was at another one there",
			  place->address, missed);
}

static gboolean detach(gpointer data, const ProgramSet *programs)
{
	Place *place = data;

	if (place->links->len > 0)
		report_missed(place, programs);
	g_array_set_size(place->links, 0);
	if (place->is_guide)
		journeys_leave();
	place->is_guide = FALSE;
	return TRUE;
}

typedef struct {
	Place *place;
	GPtrArray *names;
} Naming;

static void name_place(guint64 address, const struct xdpshark_place *place, gpointer data)
{
	const Naming *naming = data;
	g_autofree char *found = NULL;

	if (!g_hash_table_add(naming->place->named, GUINT_TO_POINTER(place->number)))
		return;
	if (place->name[0] == '\0')
		found = kernel_symbol_at(address);
	g_ptr_array_add(naming->names, session_name_new(SESSION_NAME_PLACE, place->number,
							found ? found : place->name));
}

static GPtrArray *names(gpointer data, const ProgramSet *programs)
{
	Place *place = data;
	Naming naming = { place, g_ptr_array_new_with_free_func(session_name_free) };

	for (guint i = 0; !place->reasons_named && i < place->reasons->names->len; i++) {
		const DropReason *reason = g_ptr_array_index(place->reasons->names, i);

		g_ptr_array_add(naming.names, session_name_new(SESSION_NAME_REASON, reason->number,
							       reason->name));
	}
	for (guint i = 0; !place->reasons_named && place->targets && i < place->targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(place->targets, i);

		g_ptr_array_add(naming.names,
				session_name_new(SESSION_NAME_POINT, target->number, target->name));
	}
	place->reasons_named = TRUE;
	kernel_set_visit(programs, name_place, &naming);
	return naming.names;
}

const Source kernel_source = {
	.type = &source_kernel,
	.list = list,
	.find = find,
	.describe = describe,
	.open = place_open,
	.load = load,
	.attach = attach,
	.detach = detach,
	.names = names,
	.free = place_free,
};
