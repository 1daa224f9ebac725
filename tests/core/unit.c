/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Unit tests of libcbpf: what it refuses, what programs mean, what each pass does. */
#include "unit.h"

#include <glib.h>

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	unit_refusal_add();
	unit_meaning_add();
	unit_pass_add();
	unit_expression_add();
	unit_shape_add();
	return g_test_run();
}
