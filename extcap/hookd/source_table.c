// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of sources. Tests link a table with one more row in its place.
 */
#include "source.h"

#include "hook_source.h"
#include "kernel_source.h"
#include "program_source.h"
#include "xsk_source.h"

#ifdef XDPSHARK_SOURCE_OF_TEST
extern const Source XDPSHARK_SOURCE_OF_TEST;
#endif

const Source *const sources[] = {
	&hook_source,
	&program_source,
	&tc_source,
	&xsk_source,
	&kernel_source,
#ifdef XDPSHARK_SOURCE_OF_TEST
	&XDPSHARK_SOURCE_OF_TEST,
#endif
	NULL,
};
