// SPDX-License-Identifier: GPL-2.0-or-later
#include "action.h"

#include "source_type.h"

const char *action_name(guint action)
{
	return source_verdict_name(&source_hook, action);
}
