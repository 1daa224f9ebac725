/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The files of the unit test; each adds its own cases. */
#ifndef TESTS_CORE_UNIT_H
#define TESTS_CORE_UNIT_H

void unit_refusal_add(void);
void unit_meaning_add(void);
void unit_pass_add(void);
void unit_expression_add(void);
void unit_shape_add(void);

#endif
