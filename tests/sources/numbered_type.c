// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The row of a source that only tests have: it makes packets with numbers.
 */
#include "source_type.h"

extern const SourceType numbered_type;

static const SourceVerdict parities[] = {
	{ "ABORTED", "never" },
	{ "DROP", "the number is odd" },
	{ "PASS", "the number is even" },
};

const SourceType numbered_type = {
	.scheme = "numbered",
	.title = "Source of numbered packets",
	.noun = "numbered packets",
	.called = "how many packets",
	.example = "100",
	.address = SOURCE_ADDRESS_NAME,
	.link = SOURCE_LINK_ETHERNET,
	.verdict_kind = 2,
	.verdicts = parities,
	.verdict_count = G_N_ELEMENTS(parities),
	.options = SOURCE_HAS_VERDICTS | SOURCE_HAS_GROUPS,
	.comment_word = "xdp",
	.comment_verdict = "action",
	.comment_address = "numbered",
};
