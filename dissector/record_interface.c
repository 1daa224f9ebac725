/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record_interface.h"

#include "version.h"

#include <string.h>
#include <wiretap/wtap.h>

RecordInterface record_interface_nth(const packet_info *pinfo, uint32_t section, uint32_t number)
{
	RecordInterface interface = { .section = section, .number = number };

#if WIRESHARK_AT_LEAST(4, 2)
	interface.name = epan_get_interface_name(pinfo->epan, number, section);
	interface.description = epan_get_interface_description(pinfo->epan, number, section);
#else
	/* Wireshark 4.0 numbers the interfaces of each section from 0, and only finds those of the
	 * first: for others it would return the wrong ones. */
	if (section == 0) {
		interface.name = epan_get_interface_name(pinfo->epan, number);
		interface.description = epan_get_interface_description(pinfo->epan, number);
	}
#endif
	return interface;
}

bool record_interface(const packet_info *pinfo, RecordInterface *ret)
{
	const wtap_rec *record = pinfo->rec;
	uint32_t section = 0;

	if (!(record->presence_flags & WTAP_HAS_INTERFACE_ID))
		return false;
	if (record->presence_flags & WTAP_HAS_SECTION_NUMBER)
		section = record->section_number;
	*ret = record_interface_nth(pinfo, section, record->rec_header.packet_header.interface_id);
	return true;
}

ParsedComment *record_interface_comment(const RecordInterface *interface)
{
	const char *text = interface->description;

	return text ? parsed_comment_new_interface(text, strnlen(text, COMMENT_LENGTH_MAX + 1))
		    : NULL;
}
