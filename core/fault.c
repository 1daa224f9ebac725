/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Reports why a program is rejected. */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const int numbers[] = {
	[CBPF_ERROR_OPTIONS] = -EINVAL,	     [CBPF_ERROR_INVALID] = -EINVAL,
	[CBPF_ERROR_UNSUPPORTED] = -ENOTSUP, [CBPF_ERROR_SIZE] = -E2BIG,
	[CBPF_ERROR_WORK] = -E2BIG,	     [CBPF_ERROR_MEMORY] = -ENOMEM,
};

int fault_at(struct cbpf_error *error, const struct sock_filter *code, size_t index,
	     enum cbpf_error_kind kind, const char *format, ...)
{
	const char *name = cbpf_opcode_name(code[index].code);
	va_list arguments;
	int used;

	if (!error)
		return numbers[kind];
	error->kind = kind;
	error->index = index;
	error->opcode = code[index].code;
	used = snprintf(error->text, sizeof(error->text), "instruction %zu (0x%02x%s%s): ", index,
			code[index].code, name ? ", " : "", name ? name : "");
	va_start(arguments, format);
	(void)vsnprintf(error->text + used, sizeof(error->text) - (size_t)used, format, arguments);
	va_end(arguments);
	return numbers[kind];
}

int fault(struct cbpf_error *error, enum cbpf_error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return numbers[kind];
	error->kind = kind;
	error->index = SIZE_MAX;
	error->opcode = 0;
	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return numbers[kind];
}
