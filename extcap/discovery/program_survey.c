// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_survey.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "xdp_function.h"
#include "xdp_program.h"

struct ProgramSurvey {
	Point *known;	       /* its programs are those that were read */
	GHashTable *by_id;     /* id to PointProgram *, or NULL if it is gone */
	GHashTable *map_types; /* id to enum bpf_map_type */
	GPtrArray *programs;   /* XdpProgram *, for the graph; NULL: not read yet */
	XdpGraph *graph;
};

ProgramSurvey *program_survey_new(void)
{
	ProgramSurvey *survey = g_new0(ProgramSurvey, 1);

	survey->known = point_new(&source_program);
	survey->by_id = g_hash_table_new(NULL, NULL);
	survey->map_types = g_hash_table_new(NULL, NULL);
	return survey;
}

void program_survey_free(ProgramSurvey *survey)
{
	if (!survey)
		return;
	xdp_graph_free(survey->graph);
	if (survey->programs)
		g_ptr_array_unref(survey->programs);
	g_hash_table_unref(survey->map_types);
	g_hash_table_unref(survey->by_id);
	point_free(survey->known);
	g_free(survey);
}

const GArray *program_survey_replacements(ProgramSurvey *survey, guint32 id)
{
	if (!survey->programs) {
		survey->programs = xdp_program_list();
		if (!survey->programs)
			survey->programs = g_ptr_array_new();
		survey->graph = xdp_graph_new(survey->programs);
	}
	return xdp_graph_replacements(survey->graph, id);
}

static guint map_type(ProgramSurvey *survey, guint32 id)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, options, .open_flags = BPF_F_RDONLY);
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	gpointer known;
	int fd;

	if (g_hash_table_lookup_extended(survey->map_types, GUINT_TO_POINTER(id), NULL, &known))
		return GPOINTER_TO_UINT(known);
	fd = bpf_map_get_fd_by_id_opts(id, &options);
	if (fd >= 0) {
		if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
			info.type = BPF_MAP_TYPE_UNSPEC;
		close(fd);
	}
	g_hash_table_insert(survey->map_types, GUINT_TO_POINTER(id), GUINT_TO_POINTER(info.type));
	return info.type;
}

static void find_arrays(ProgramSurvey *survey, const XdpProgram *program, PointProgram *described)
{
	described->arrays = g_array_new(FALSE, FALSE, sizeof(guint32));
	for (guint i = 0; i < program->map_count; i++)
		if (map_type(survey, program->map_ids[i]) == BPF_MAP_TYPE_PROG_ARRAY)
			g_array_append_val(described->arrays, program->map_ids[i]);
}

static gboolean is_extended(ProgramSurvey *survey, guint32 id, guint32 function)
{
	const GArray *replacements = program_survey_replacements(survey, id);

	for (guint i = 0; function != 0 && replacements && i < replacements->len; i++)
		if (g_array_index(replacements, XdpReplacement, i).function == function)
			return TRUE;
	return FALSE;
}

static PointProgram *read_program(ProgramSurvey *survey, guint32 id)
{
	g_autofree XdpProgram *program = xdp_program_read_any(id);
	PointProgram *described;
	int fd = program ? bpf_prog_get_fd_by_id(id) : -1;

	if (fd < 0)
		return NULL;
	described = point_add_program(survey->known, id);
	xdp_program_describe(program, described);
	described->name = program->has_functions ? xdp_function_name(fd) : NULL;
	if (!described->name)
		described->name = g_strdup(program->name);
	find_arrays(survey, program, described);
	described->extended = is_extended(survey, id, xdp_function_id(fd));
	close(fd);
	return described;
}

const PointProgram *program_survey_describe(ProgramSurvey *survey, guint32 id)
{
	gpointer key = GUINT_TO_POINTER(id), known;
	PointProgram *described;

	if (g_hash_table_lookup_extended(survey->by_id, key, NULL, &known))
		return known;
	described = read_program(survey, id);
	g_hash_table_insert(survey->by_id, key, described);
	return described;
}
