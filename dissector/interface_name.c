/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "interface_name.h"

#include "xdp_action.h"

#include <string.h>

/* A device's name contains no ':' where there are programs of tc. */
static const char tc_prefix[] = "tc:";
static const char xdpcap_prefix[] = "XDP";
static const char xdpcap_number[] = "xdpAction(";
static const struct {
	const char *suffix;
	SeenAt point;
} xdpdump_suffixes[] = { { "()@fentry", SEEN_AT_ENTRY }, { "()@fexit", SEEN_AT_EXIT } };

/* xdpcap's actions have a single digit: its hooks have five slots. */
static bool xdpcap_read_number(const char *name, uint32_t *ret_action)
{
	const size_t length = sizeof(xdpcap_number) - 1;

	if (strncmp(name, xdpcap_number, length) != 0)
		return false;
	name += length;
	if (name[0] < '0' || name[0] > '9' || strcmp(name + 1, ")") != 0)
		return false;
	*ret_action = (uint32_t)(name[0] - '0');
	return true;
}

static bool xdpcap_parse(const char *name, InterfaceName *ret_name)
{
	const size_t length = sizeof(xdpcap_prefix) - 1;
	uint32_t action;

	if (strncmp(name, xdpcap_prefix, length) != 0)
		return false;
	name += length;
	if (!xdp_action_find(name, strlen(name), false, &action) &&
	    !xdpcap_read_number(name, &action))
		return false;
	*ret_name = (InterfaceName){ .has_action = true, .action = action };
	return true;
}

/* The number of octets in name before the suffix, or 0 if it ends differently. */
static size_t stem_length(const char *name, const char *suffix)
{
	size_t length = strlen(name);
	size_t suffix_length = strlen(suffix);

	if (length <= suffix_length || strcmp(name + length - suffix_length, suffix) != 0)
		return 0;
	return length - suffix_length;
}

static bool xdpdump_parse(const char *name, InterfaceName *ret_name)
{
	SeenAt point = SEEN_AT_HOOK;
	const bool tc = strncmp(name, tc_prefix, sizeof(tc_prefix) - 1) == 0;
	size_t stem = 0;
	size_t colon;

	name += tc ? sizeof(tc_prefix) - 1 : 0;
	for (size_t i = 0; !stem && i < sizeof(xdpdump_suffixes) / sizeof(*xdpdump_suffixes); i++) {
		stem = stem_length(name, xdpdump_suffixes[i].suffix);
		point = xdpdump_suffixes[i].point;
	}
	/* A device's name may contain ':', a function's cannot: the last one separates them. */
	for (colon = stem; colon > 0 && name[colon - 1] != ':'; colon--)
		;
	if (colon < 2 || colon == stem)
		return false;
	*ret_name = (InterfaceName){
		.point = point,
		.tc = tc,
		.device = name,
		.device_length = colon - 1,
		.program = name + colon,
		.program_length = stem - colon,
	};
	return true;
}

bool interface_name_parse(const char *name, InterfaceName *ret_name)
{
	return xdpcap_parse(name, ret_name) || xdpdump_parse(name, ret_name);
}
