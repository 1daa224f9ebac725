/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "field_value.h"

#include <epan/to_str.h>
#include <inttypes.h>
#include <string.h>
#include <wsutil/to_str.h>

static bool is_number(const field_info *field)
{
	enum ftenum type = field->hfinfo->type;

	return type == FT_BOOLEAN || type == FT_CHAR || (type >= FT_UINT8 && type <= FT_UINT64);
}

bool field_value_is_scalar(const field_info *field)
{
	switch (field->hfinfo->type) {
	case FT_ETHER:
		return field->length == 6;
	case FT_IPv4:
		return field->length == 4;
	case FT_IPv6:
		return field->length == 16;
	default:
		/* Of those that begin or end within an octet and have no mask too little is known.
		 */
		return is_number(field) && field->length <= 8 &&
		       (field->hfinfo->bitmask || !FI_GET_BITS_SIZE(field));
	}
}

bool field_value_has_name(const field_info *field)
{
	/* BASE_NONE of protocols and titles; Wireshark's text lines are FT_NONE, too. */
	return field->hfinfo->type != FT_NONE && field->hfinfo->type != FT_PROTOCOL;
}

static uint64_t number_read(const field_info *field, const uint8_t *octets, unsigned length)
{
	bool little = field->flags & FI_LITTLE_ENDIAN;
	uint64_t mask = field->hfinfo->bitmask;
	uint64_t value = 0;

	for (unsigned i = 0; i < length; i++)
		value = value << 8 | octets[little ? length - 1 - i : i];
	if (!mask)
		return value;
	value &= mask;
	while (!(mask & 1)) {
		mask >>= 1;
		value >>= 1;
	}
	return value;
}

bool field_value_differs(const field_info *field, const uint8_t *old, const uint8_t *new)
{
	unsigned length = (unsigned)field->length;

	if (is_number(field))
		return number_read(field, old, length) != number_read(field, new, length);
	return memcmp(old, new, length) != 0;
}

static char *number_format(wmem_allocator_t *pool, const field_info *field, uint64_t value,
			   unsigned length)
{
	int base = FIELD_DISPLAY(field->hfinfo->display);

	if (field->hfinfo->type != FT_BOOLEAN && (base == BASE_HEX || base == BASE_HEX_DEC))
		return wmem_strdup_printf(pool, "0x%0*" PRIx64, 2 * (int)length, value);
	return wmem_strdup_printf(pool, "%" PRIu64, value);
}

char *field_value_format(wmem_allocator_t *pool, const field_info *field, const uint8_t *octets,
			 unsigned length)
{
	switch (field->hfinfo->type) {
	case FT_ETHER:
		return wmem_strdup_printf(pool, "%02x:%02x:%02x:%02x:%02x:%02x", octets[0],
					  octets[1], octets[2], octets[3], octets[4], octets[5]);
	case FT_IPv4:
		return wmem_strdup_printf(pool, "%u.%u.%u.%u", octets[0], octets[1], octets[2],
					  octets[3]);
	case FT_IPv6: {
		char text[WS_INET6_ADDRSTRLEN];
		ws_in6_addr address;

		memcpy(address.bytes, octets, sizeof(address.bytes));
		ip6_to_str_buf(&address, text, sizeof(text));
		return wmem_strdup(pool, text);
	}
	default:
		return number_format(pool, field, number_read(field, octets, length), length);
	}
}
