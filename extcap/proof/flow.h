/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known before each call in a program, whichever path led there.
 */
#ifndef XDPSHARK_FLOW_H
#define XDPSHARK_FLOW_H

#include "code.h"
#include "frame.h"

typedef struct Flow Flow;

/* Analyses the functions of code that lead to tail calls. *steps is the budget in instructions, and
 * is counted down; NULL if it is too small. code must outlive the flow. */
Flow *flow_new(const Code *code, guint *steps);
void flow_free(Flow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Flow, flow_free)

/* Called before each instruction that stores or calls, with what is known there; again if that gets
 * less. FALSE: enough is known. */
typedef gboolean FlowVisitor(const Frame *before, const struct bpf_insn *insn, gpointer data);

/* Analyses the program's main function. FALSE if the visitor has returned FALSE, or if the budget
 * is too small. */
gboolean flow_visit(const Code *code, guint *steps, FlowVisitor *visit, gpointer data);

/* The frame before the tail call or function call at that instruction; NULL if it is never reached.
 * Owned by the flow. */
const Frame *flow_before(const Flow *flow, guint32 call);

#endif /* XDPSHARK_FLOW_H */
