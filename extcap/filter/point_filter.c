// SPDX-License-Identifier: GPL-2.0-or-later
#include "point_filter.h"

#include <string.h>

#include "netmask.h"
#include "vlan_note.h"

void point_filter_free(PointFilter *filter)
{
	if (!filter)
		return;
	filter_free(filter->own);
	g_ptr_array_unref(filter->remarks);
	g_array_unref(filter->others);
	g_array_unref(filter->reported);
	g_free(filter);
}

/* "eth0, wg0 (netns blue)": the devices with packets of that link type. */
static char *format_devices(const Point *point, LinkType link)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		g_autofree char *name = point_device_format(device);

		if (link_type_of(device->hardware_type) == link)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", name);
	}
	return g_string_free(text, FALSE);
}

static gboolean check_types(const Point *point, GError **error)
{
	g_autofree char *names = NULL;

	if (!(point_links(point) & 1U << LINK_OTHER))
		return TRUE;
	names = format_devices(point, LINK_OTHER);
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "%s %s is on %s, whose packets begin neither with an Ethernet nor with an IP "
		    "header: xdpshark cannot capture them; detach the program there, or give it a "
		    "%s of its own",
		    point->type->noun, point->address, names, point->type->noun);
	return FALSE;
}

static gboolean contains(const GArray *indexes, guint32 ifindex)
{
	for (guint i = 0; i < indexes->len; i++)
		if (g_array_index(indexes, guint32, i) == ifindex)
			return TRUE;
	return FALSE;
}

/* Finds the indexes of the devices with raw IP. FALSE if an Ethernet device in another namespace
 * has the same index, which is all that a filter sees. */
static gboolean find_others(PointFilter *filter, const Point *point, GError **error)
{
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (link_type_of(device->hardware_type) == LINK_RAW_IP)
			g_array_append_val(filter->others, device->ifindex);
	}
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		g_autofree char *name = NULL;

		if (link_type_of(device->hardware_type) == LINK_RAW_IP ||
		    !contains(filter->others, device->ifindex))
			continue;
		name = point_device_format(device);
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_FAILED,
			    "%s %s is on devices with Ethernet and with raw IP, and a filter "
			    "cannot distinguish %s from another one with the same index (%u): "
			    "capture without a filter",
			    point->type->noun, point->address, name, device->ifindex);
		return FALSE;
	}
	return TRUE;
}

static void append(GArray *code, guint16 opcode, guint8 jf, guint32 k)
{
	const struct sock_filter insn = { .code = opcode, .jf = jf, .k = k };

	g_array_append_val(code, insn);
}

/* Joins two programs into one: packets of the devices in others get the second one. */
static Filter *join(const GArray *others, const Filter *first, const Filter *second)
{
	GArray *code = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
	Filter *joined = g_new0(Filter, 1);
	gsize start = 1 + 2 * (gsize)others->len + first->length;

	append(code, BPF_LD | BPF_W | BPF_ABS, 0, (guint32)(SKF_AD_OFF + SKF_AD_IFINDEX));
	for (guint i = 0; i < others->len; i++) {
		append(code, BPF_JMP | BPF_JEQ | BPF_K, 1, g_array_index(others, guint32, i));
		append(code, BPF_JMP | BPF_JA, 0, (guint32)(start - code->len - 1));
	}
	g_array_append_vals(code, first->code, first->length);
	g_array_append_vals(code, second->code, second->length);
	joined->length = code->len;
	joined->code = (struct sock_filter *)(void *)g_array_free(code, FALSE);
	joined->optimized = first->optimized && second->optimized;
	return joined;
}

static Filter *compile(const char *text, const Exclusion *exclusion, LinkType link, guint32 netmask,
		       GError **error)
{
	g_autoptr(Filter) filter =
		filter_compile(text, link, netmask, FILTER_OPTIMIZE_IF_QUICK, error);

	if (filter && exclusion)
		return exclusion_apply(exclusion, link, filter, error);
	return g_steal_pointer(&filter);
}

/* For a point with devices of both types. A filter that has no meaning for raw IP matches none of
 * it. */
static gboolean compile_both(PointFilter *filter, const Point *point, const char *text,
			     const Exclusion *exclusion, GError **error)
{
	static struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	Filter none = { &nothing, 1, TRUE };
	guint32 netmask = filter->netmask;
	g_autoptr(Filter) ethernet = NULL, raw = NULL;
	g_autoptr(GError) reason = NULL;

	if (!find_others(filter, point, error))
		return FALSE;
	ethernet = compile(text, exclusion, LINK_ETHERNET, netmask, error);
	if (!ethernet)
		return FALSE;
	raw = compile(text, exclusion, LINK_RAW_IP, netmask, &reason);
	if (!raw) {
		g_autofree char *names = format_devices(point, LINK_RAW_IP);

		g_ptr_array_add(filter->remarks,
				g_strdup_printf("%s %s: nothing is captured from %s, whose "
						"packets are raw IP: %s",
						point->type->noun, point->address, names,
						reason->message));
	}
	filter->own = join(filter->others, ethernet, raw ? raw : &none);
	return TRUE;
}

static gboolean is_mixed(const Point *point)
{
	guint both = 1U << LINK_ETHERNET | 1U << LINK_RAW_IP;

	return (point_links(point) & both) == both;
}

static gboolean set_filter(PointFilter *filter, const Point *point, const char *text,
			   const Exclusion *exclusion, const PointFilter *before, GError **error)
{
	if (!filter->all && is_mixed(point)) {
		if (!compile_both(filter, point, text, exclusion, error))
			return FALSE;
	} else if (before && before->others->len == 0 && before->link == filter->link &&
		   before->netmask == filter->netmask) {
		filter->filter = before->filter;
		return TRUE;
	} else {
		filter->own = compile(text, exclusion, filter->link, filter->netmask, error);
	}
	filter->filter = filter->own;
	return filter->filter != NULL;
}

static void add_vlan_remark(PointFilter *filter, const Point *point, const char *text)
{
	char *note = vlan_note_concerns(text) ? vlan_note(point) : NULL;

	if (note)
		g_ptr_array_add(filter->remarks, note);
}

PointFilter *point_filter_new(const Point *point, const char *text, const Exclusion *exclusion,
			      const PointFilter *before, GError **error)
{
	g_autoptr(PointFilter) filter = g_new0(PointFilter, 1);

	filter->remarks = g_ptr_array_new_with_free_func(g_free);
	filter->others = g_array_new(FALSE, FALSE, sizeof(guint32));
	filter->reported = g_array_new(FALSE, FALSE, sizeof(guint32));
	filter->link = point_main_link(point);
	filter->links = point_links(point) | 1U << filter->link;
	filter->netmask = netmask_of_point(point);
	filter->all = !exclusion && text[strspn(text, " \t\r\n")] == '\0';
	if (!check_types(point, error) ||
	    !set_filter(filter, point, text, exclusion, before, error))
		return NULL;
	add_vlan_remark(filter, point, text);
	return g_steal_pointer(&filter);
}

/* True if the filter was made for this device's type of packets. */
static gboolean is_expected(const PointFilter *filter, const PointDevice *device)
{
	LinkType link = link_type_of(device->hardware_type);

	if (filter->all)
		return filter->links >> link & 1;
	return link == (contains(filter->others, device->ifindex) ? LINK_RAW_IP : filter->link);
}

char *point_filter_review(PointFilter *filter, const Point *point, GLogLevelFlags *ret_level)
{
	g_autoptr(GString) names = g_string_new(NULL);
	gboolean wrong = !filter->all;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		LinkType link = link_type_of(device->hardware_type);
		g_autofree char *name = NULL;

		if (is_expected(filter, device) || contains(filter->reported, device->ifindex))
			continue;
		g_array_append_val(filter->reported, device->ifindex);
		wrong |= link == LINK_OTHER;
		name = point_device_format(device);
		g_string_append_printf(names, "%s%s (%s)", names->len > 0 ? ", " : "", name,
				       link == LINK_OTHER ? "unknown type of packets"
							  : link_types[link].title);
	}
	if (names->len == 0)
		return NULL;
	*ret_level = wrong ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_MESSAGE;
	return g_strdup_printf(
		"%s %s: %s came during this capture, %s", point->type->noun, point->address,
		names->str,
		wrong ? "which is not made for such packets: its filter lets the wrong ones "
			"through, or they are shown as what they are not; start it again"
		      : "and has an interface of its own in the file, which tcpdump does not read "
			"then");
}
