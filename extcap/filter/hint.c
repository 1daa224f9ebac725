// SPDX-License-Identifier: GPL-2.0-or-later
#include "hint.h"

#include <stdlib.h>

#include "action.h"
#include "record.h"

#define ACTION_HINT                                                                                \
	"xdp.action is for display filters: a capture filters by action with '-a %s' (in "         \
	"Wireshark: Actions, in the options of the interface)"

/* The first one found in the filter counts. %s is what the pattern has in parentheses. */
static const struct {
	const char *pattern;
	const char *text;
	gboolean action; /* that is an action */
} rows[] = {
	{ "\\bxdp\\.action\\s*(?:==|=|eq)\\s*[\"']?(?:xdp_)?(aborted|drop|pass|tx|redirect|[0-4])"
	  "\\b",
	  ACTION_HINT, TRUE },
	{ "\\bxdp\\.(action)\\b",
	  "xdp.%s is for display filters: a capture filters by action with -a, such as '-a drop' "
	  "(in Wireshark: Actions, in the options of the interface)",
	  FALSE },
	{ "\\b((?:xdp|frame|eth|vlan|arp|ip|ipv6|icmp|icmpv6|tcp|udp|sctp|http|dns|tls)\\.[a-z_.]+)"
	  "\\b",
	  "%s is for display filters; capture filters are those of tcpdump, such as 'udp port 53' "
	  "or 'host 10.0.0.1' (pcap-filter(7))",
	  FALSE },
};

/* "tx" for "TX" and "3". */
static char *action_option(const char *word)
{
	const char *name = g_ascii_isdigit(word[0]) ? action_name((guint)atoi(word)) : word;

	return g_ascii_strdown(name, -1);
}

char *hint_find(const char *filter)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GRegex) regex =
			g_regex_new(rows[i].pattern, G_REGEX_CASELESS | G_REGEX_RAW, 0, NULL);
		g_autoptr(GMatchInfo) match = NULL;
		g_autofree char *word = NULL, *option = NULL;

		if (!g_regex_match(regex, filter, 0, &match))
			continue;
		word = g_match_info_fetch(match, 1);
		if (!rows[i].action)
			return g_strdup_printf(rows[i].text, word);
		option = action_option(word);
		return g_strdup_printf(rows[i].text, option);
	}
	return NULL;
}
