/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known before each call of a program, on whatever path it is reached.
 */
#ifndef XDPSHARK_FLOW_H
#define XDPSHARK_FLOW_H

#include "code.h"
#include "frame.h"

typedef struct Flow Flow;

/* Looks at the functions of code that lead to tail calls. *steps is what may be spent, in
 * instructions, and becomes less; NULL if that is too little. code must outlive it. */
Flow *flow_new(const Code *code, guint *steps);
void flow_free(Flow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Flow, flow_free)

/* The frame before the tail call or the call of a function at that place; NULL if it is never
 * reached. Owned by the flow. */
const Frame *flow_before(const Flow *flow, guint32 call);

#endif /* XDPSHARK_FLOW_H */
