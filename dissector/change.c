/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "change.h"

#include "field_value.h"

#include <epan/etypes.h>
#include <epan/proto.h>
#include <string.h>
#include <wsutil/to_str.h>

/* Fields that are listed; nobody reads more. */
#define FIELDS_MAX 200
/* Of them in the title. */
#define TITLE_MAX  8
/* Octets of a value that are shown. */
#define SHOWN_MAX  32

/* Of Ethernet, with a VLAN tag behind it. */
#define MAC_ADDRESSES 12
#define TAG_LENGTH    4
#define TAG_ID	      0xfff

static int ett_changes = -1;
static int ett_change = -1;

static int hf_changes = -1;
static int hf_change = -1;
static int hf_offset = -1;
static int hf_old = -1;
static int hf_new = -1;

/* Where the names of the fields come from, and how far we are. */
typedef struct {
	const Difference *difference;
	tvbuff_t *tvb;
	wmem_allocator_t *pool;
	proto_tree *tree;
	proto_item *top;
	unsigned listed; /* so many stand in the title */
	unsigned count;
	const field_info *fields[FIELDS_MAX];
	proto_item *rows[FIELDS_MAX]; /* of those that have been shown */
	unsigned put_in_count;
	const field_info *put_in[FIELDS_MAX]; /* in octets that were put in */
} View;

static unsigned change_end(const Change *change)
{
	return change->offset + change->new_length;
}

/* Octets of the new frame, as many as there are; *ret_length says how many. */
static const uint8_t *octets_new(const View *view, unsigned offset, unsigned length,
				 unsigned *ret_length)
{
	unsigned captured = tvb_captured_length(view->tvb);

	*ret_length = offset < captured ? MIN(length, captured - offset) : 0;
	return *ret_length ? tvb_get_ptr(view->tvb, (int)offset, (int)*ret_length)
			   : (const uint8_t *)"";
}

/* The same octets as they were; of a field that only partly changed, the rest is as it is. */
static uint8_t *octets_old(const View *view, unsigned offset, unsigned length)
{
	uint8_t *old = tvb_memdup(view->pool, view->tvb, (int)offset, length);

	for (unsigned i = 0; i < view->difference->count; i++) {
		const Change *change = &view->difference->changes[i];
		unsigned start = MAX(offset, change->offset);
		unsigned end = MIN(offset + length, change_end(change));

		if (change->kind == CHANGE_BYTES && start < end)
			memcpy(old + start - offset, change->old + start - change->offset,
			       end - start);
	}
	return old;
}

static char *octets_format(const View *view, const uint8_t *octets, unsigned length, unsigned whole)
{
	char *text = bytes_to_str_maxlen(view->pool, octets, length, SHOWN_MAX);

	/* Wireshark puts its own mark behind what is longer than it shows. */
	return length < whole && length <= SHOWN_MAX ? wmem_strdup_printf(view->pool, "%s…", text)
						     : text;
}

static char *range_format(const View *view, unsigned offset, unsigned length)
{
	return length == 1 ? wmem_strdup_printf(view->pool, "Octet %u", offset)
			   : wmem_strdup_printf(view->pool, "Octets %u-%u", offset,
						offset + length - 1);
}

/* What filters and scripts look at: always the same, whatever fields Wireshark found. */
static void octets_add(const View *view, proto_item *row, const Change *change)
{
	proto_tree *tree = proto_item_add_subtree(row, ett_change);
	const uint8_t *octets;
	unsigned length;

	proto_item_set_generated(
		proto_tree_add_uint(tree, hf_offset, view->tvb, 0, 0, change->offset));
	if (change->old_kept)
		proto_item_set_generated(proto_tree_add_bytes_with_length(
			tree, hf_old, view->tvb, 0, 0, change->old, (int)change->old_kept));
	octets = octets_new(view, change->offset, change->new_length, &length);
	if (length)
		proto_item_set_generated(proto_tree_add_bytes_with_length(
			tree, hf_new, view->tvb, 0, 0, octets, (int)length));
}

static proto_item *row_add(View *view, unsigned offset, unsigned length, const char *text)
{
	unsigned captured = tvb_captured_length(view->tvb);
	proto_item *row;

	/* A click on it marks the octets. */
	offset = MIN(offset, captured);
	row = proto_tree_add_none_format(view->tree, hf_change, view->tvb, (int)offset,
					 (int)MIN(length, captured - offset), "%s", text);
	proto_item_set_generated(row);
	return row;
}

static void title_append(View *view, const char *text)
{
	if (view->listed < TITLE_MAX)
		proto_item_append_text(view->top, "%s%s", view->listed ? ", " : ": ", text);
	else if (view->listed == TITLE_MAX)
		proto_item_append_text(view->top, ", and more");
	view->listed++;
}

static proto_item *field_show(View *view, unsigned number)
{
	const field_info *field = view->fields[number];
	unsigned offset = (unsigned)field->start, length = (unsigned)field->length;
	const uint8_t *new = octets_new(view, offset, length, &length);
	const uint8_t *old = octets_old(view, offset, length);
	proto_item *row;

	row = row_add(view, offset, length,
		      wmem_strdup_printf(view->pool, "%s, %s (%s): %s -> %s",
					 range_format(view, offset, length), field->hfinfo->name,
					 field->hfinfo->abbrev,
					 field_value_format(view->pool, field, old, length),
					 field_value_format(view->pool, field, new, length)));
	title_append(view, field->hfinfo->abbrev);
	view->rows[number] = row;
	return row;
}

/* Part of a field that has no value of its own to compare: its name and the octets. */
static proto_item *part_show(View *view, const Change *change, unsigned start, unsigned end,
			     const field_info *field)
{
	unsigned length;
	const uint8_t *new = octets_new(view, start, end - start, &length);
	char *name = field ? wmem_strdup_printf(view->pool, ", %s (%s)", field->hfinfo->name,
						field->hfinfo->abbrev)
			   : "";

	title_append(view, field ? field->hfinfo->abbrev : range_format(view, start, end - start));
	return row_add(view, start, end - start,
		       wmem_strdup_printf(view->pool, "%s%s: %s -> %s",
					  range_format(view, start, end - start), name,
					  octets_format(view, change->old + start - change->offset,
							end - start, end - start),
					  octets_format(view, new, length, end - start)));
}

static bool field_covers(const field_info *field, unsigned offset)
{
	return (unsigned)field->start <= offset &&
	       offset - (unsigned)field->start < (unsigned)field->length;
}

/* The field at an octet, the innermost of them, or NULL. *ret_end is moved to where that ends, or
 * where the next one begins. */
static const field_info *field_at(const View *view, unsigned offset, unsigned *ret_number,
				  unsigned *ret_end)
{
	const field_info *found = NULL;

	for (unsigned i = 0; i < view->count; i++) {
		const field_info *field = view->fields[i];
		unsigned start = (unsigned)field->start;

		if (field_covers(field, offset)) {
			found = field;
			*ret_number = i;
		} else if (start > offset) {
			*ret_end = MIN(*ret_end, start);
		}
	}
	if (found)
		*ret_end = MIN(*ret_end, (unsigned)found->start + (unsigned)found->length);
	return found;
}

/* Returns the first row that says something about the change. */
static proto_item *fields_show(View *view, const Change *change)
{
	proto_item *first = NULL;

	for (unsigned i = 0; i < view->count; i++) {
		const field_info *field = view->fields[i];

		if (!field_value_is_scalar(field) || (unsigned)field->start >= change_end(change) ||
		    (unsigned)field->start + (unsigned)field->length <= change->offset)
			continue;
		proto_item *row = view->rows[i] ? view->rows[i] : field_show(view, i);

		first = first ? first : row;
	}
	return first;
}

static void bytes_show(View *view, const Change *change)
{
	proto_item *first = fields_show(view, change);
	unsigned end;

	for (unsigned offset = change->offset; offset < change_end(change); offset = end) {
		unsigned number = 0;
		const field_info *field;
		proto_item *row;

		end = change_end(change);
		field = field_at(view, offset, &number, &end);
		if (field && field_value_is_scalar(field))
			continue;
		row = part_show(view, change, offset, end, field);
		first = first ? first : row;
	}
	octets_add(view, first, change);
}

static bool change_holds(const Change *change, const field_info *field)
{
	return change->kind != CHANGE_BYTES && (unsigned)field->start >= change->offset &&
	       (unsigned)field->start + (unsigned)field->length <= change_end(change);
}

/* The fields that Wireshark found in octets that were put in. */
static void put_in_show(const View *view, proto_item *row, const Change *change)
{
	proto_tree *tree = proto_item_add_subtree(row, ett_change);

	for (unsigned i = 0; i < view->put_in_count; i++) {
		const field_info *field = view->put_in[i];
		unsigned offset = (unsigned)field->start, length = (unsigned)field->length;
		const uint8_t *octets = octets_new(view, offset, length, &length);
		char *value = field_value_is_scalar(field)
				      ? field_value_format(view->pool, field, octets, length)
				      : octets_format(view, octets, length, length);

		if (change_holds(change, field))
			proto_item_set_generated(proto_tree_add_none_format(
				tree, hf_change, view->tvb, (int)offset, (int)length,
				"%s, %s (%s): %s", range_format(view, offset, length),
				field->hfinfo->name, field->hfinfo->abbrev, value));
	}
}

/* VLAN tags that were taken out: nobody has dissected them here. */
static void tags_show(const View *view, proto_item *row, const Change *change)
{
	proto_tree *tree = proto_item_add_subtree(row, ett_change);

	if (change->offset != MAC_ADDRESSES || change->old_length % TAG_LENGTH != 0)
		return;
	for (unsigned i = 0; i + TAG_LENGTH <= change->old_kept; i += TAG_LENGTH) {
		const uint8_t *octets = change->old + i;
		unsigned type = (unsigned)(octets[0] << 8 | octets[1]);
		unsigned tag = (unsigned)(octets[2] << 8 | octets[3]);

		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_IEEE_802_1AD)
			return;
		proto_item_set_generated(proto_tree_add_none_format(tree, hf_change, view->tvb, 0,
								    0, "VLAN tag, ID (vlan.id): %u",
								    tag & TAG_ID));
	}
}

/* "4 octets added at 12: 81000005" */
static void move_show(View *view, const Change *change)
{
	bool added = change->new_length > 0;
	unsigned length = added ? change->new_length : change->old_length;
	unsigned known;
	const uint8_t *octets = octets_new(view, change->offset, length, &known);
	const char *where = change->kind == CHANGE_TAIL ? "at the end"
			    : change->offset == 0
				    ? "in front"
				    : wmem_strdup_printf(view->pool, "at %u", change->offset);
	char *text = wmem_strdup_printf(view->pool, "%u octet%s %s %s", length,
					length == 1 ? "" : "s", added ? "added" : "removed", where);
	proto_item *row;

	if (!added) {
		octets = change->old;
		known = change->old_kept;
	}
	title_append(view, text);
	if (known)
		text = wmem_strdup_printf(view->pool, "%s: %s", text,
					  octets_format(view, octets, known, length));
	row = row_add(view, change->offset, added ? length : 0, text);
	if (added)
		put_in_show(view, row, change);
	else
		tags_show(view, row, change);
	octets_add(view, row, change);
}

/* Some octets changed in the field, and with them its value. */
static bool field_changed(const View *view, const field_info *field)
{
	unsigned offset = (unsigned)field->start, length = (unsigned)field->length;

	for (unsigned i = 0; i < view->difference->count; i++) {
		const Change *change = &view->difference->changes[i];

		if (change->kind == CHANGE_BYTES && offset < change_end(change) &&
		    change->offset < offset + length)
			return !field_value_is_scalar(field) ||
			       field_value_differs(
				       field, octets_old(view, offset, length),
				       tvb_get_ptr(view->tvb, (int)offset, (int)length));
	}
	return false;
}

static bool field_is_put_in(const View *view, const field_info *field)
{
	for (unsigned i = 0; i < view->difference->count; i++)
		if (change_holds(&view->difference->changes[i], field))
			return true;
	return false;
}

static bool field_is_here(const View *view, const field_info *field)
{
	unsigned captured = tvb_captured_length(view->tvb);

	return field->ds_tvb == view->tvb && field->start >= 0 && field->length > 0 &&
	       (unsigned)field->start < captured &&
	       (unsigned)field->length <= captured - (unsigned)field->start;
}

/* Fields with a value stand for what is below them, such as the bits of flags; of all others the
 * innermost count. */
static void fields_collect(View *view, const proto_node *node)
{
	const field_info *field = node->finfo;
	bool scalar = field && field_value_is_scalar(field);

	if (field && (field->flags & (FI_HIDDEN | FI_GENERATED)))
		return;
	if (field && field_is_here(view, field) && (scalar || field_value_has_name(field)) &&
	    (scalar || !node->first_child)) {
		if (view->count < FIELDS_MAX && field_changed(view, field))
			view->fields[view->count++] = field;
		if (view->put_in_count < FIELDS_MAX && field_is_put_in(view, field))
			view->put_in[view->put_in_count++] = field;
	}
	for (const proto_node *child = scalar ? NULL : node->first_child; child;
	     child = child->next)
		fields_collect(view, child);
}

void change_show(const Difference *difference, tvbuff_t *tvb, packet_info *pinfo, proto_tree *whole,
		 proto_tree *tree)
{
	View *view;

	if (!tree || (!difference->count && !difference->partial))
		return;
	view = wmem_new0(pinfo->pool, View);
	view->difference = difference;
	view->tvb = tvb;
	view->pool = pinfo->pool;
	view->top = proto_tree_add_none_format(tree, hf_changes, tvb, 0, 0, "Changes");
	view->tree = proto_item_add_subtree(view->top, ett_changes);
	proto_item_set_generated(view->top);
	fields_collect(view, whole);
	for (unsigned i = 0; i < difference->count; i++) {
		if (difference->changes[i].kind == CHANGE_BYTES)
			bytes_show(view, &difference->changes[i]);
		else
			move_show(view, &difference->changes[i]);
	}
	if (difference->partial)
		proto_item_append_text(view->top, "%sonly %u octets were compared",
				       view->listed ? ", " : ": ", difference->compared);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_changes, { "Changes", "xdp.changes", FT_NONE, BASE_NONE, NULL, 0,
		"What is different from the packet at entry", HFILL } },
	{ &hf_change, { "Change", "xdp.change", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL } },
	{ &hf_offset, { "Offset", "xdp.change.offset", FT_UINT32, BASE_DEC, NULL, 0,
		"Where in the packet octets changed, were put in or taken out", HFILL } },
	{ &hf_old, { "Old", "xdp.change.old", FT_BYTES, BASE_NONE, NULL, 0,
		"The octets at entry", HFILL } },
	{ &hf_new, { "New", "xdp.change.new", FT_BYTES, BASE_NONE, NULL, 0,
		"The octets at exit", HFILL } },
};
/* clang-format on */

void change_register(int protocol)
{
	static int *subtrees[] = { &ett_changes, &ett_change };

	proto_register_field_array(protocol, fields, array_length(fields));
	proto_register_subtree_array(subtrees, array_length(subtrees));
}
