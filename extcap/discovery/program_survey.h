/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of programs while points are listed: each is read once, however many devices it is
 * on.
 */
#ifndef XDPSHARK_PROGRAM_SURVEY_H
#define XDPSHARK_PROGRAM_SURVEY_H

#include "point.h"
#include "xdp_graph.h"

typedef struct ProgramSurvey ProgramSurvey;

ProgramSurvey *program_survey_new(void);
void program_survey_free(ProgramSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProgramSurvey, program_survey_free)

/* NULL if it is gone. Owned by the survey. */
const PointProgram *program_survey_describe(ProgramSurvey *survey, guint32 id);

/* See xdp_graph_replacements(). */
const GArray *program_survey_replacements(ProgramSurvey *survey, guint32 id);

#endif /* XDPSHARK_PROGRAM_SURVEY_H */
