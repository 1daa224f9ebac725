/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes to a point that stands for others, while it is captured: it is captured, too. The
 * session is opened while packets are read.
 */
#ifndef XDPSHARK_ADOPTION_H
#define XDPSHARK_ADOPTION_H

#include <glib.h>

#include "capture.h"

/* For a capture that is running. */
typedef struct Adoption Adoption;
Adoption *adoption_new(Capture *capture);
void adoption_free(Adoption *adoption);

/* Takes the newcomers (Point *) out of the array. What cannot be captured is left out, with a
 * line. */
void adoption_add(Adoption *adoption, GPtrArray *newcomers);

/* To be called when no answer is outstanding any more. */
void adoption_continue(Adoption *adoption);

/* To be called when the answer to BROKER_OPENING has come. FALSE with error if xdpshark-hookd has
 * ended. */
gboolean adoption_answered(Adoption *adoption, GError **error);

#endif /* XDPSHARK_ADOPTION_H */
