// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_name.h"

#include "broker.h"
#include "hook.h"
#include "interface.h"

/* Of a value that was cut, which of the hooks it is. NULL without error if it is none of them. */
static char *find_cut(const char *value, GError **error)
{
	g_autoptr(GPtrArray) hooks = broker_list_hooks(error);
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	for (guint i = 0; hooks && i < hooks->len; i++)
		g_ptr_array_add(paths, ((const Hook *)g_ptr_array_index(hooks, i))->path);
	g_ptr_array_add(paths, NULL);
	return hooks ? interface_path(value, (const char *const *)paths->pdata) : NULL;
}

char *hook_name_resolve(const char *name, GError **error)
{
	GError *failure = NULL;
	char *path;

	if (name[0] == '/')
		return g_strdup(name);
	path = interface_path(name, NULL);
	if (!path && interface_is_cut(name))
		path = find_cut(name, &failure);
	if (path)
		return path;
	if (failure)
		g_propagate_error(error, failure);
	else if (interface_is_meant(name))
		g_set_error(error, HOOK_ERROR, HOOK_ERROR_NOT_FOUND,
			    "there is no interface %s: give it as 'xdpshark list --json' shows it "
			    "(with %%7E for ~, %%25 for %%), or give the path of the hook",
			    name);
	else
		g_set_error(error, HOOK_ERROR, HOOK_ERROR_NOT_FOUND,
			    "there is no interface %s: it must be xdp: and the path of a hook, "
			    "such as xdp:/sys/fs/bpf/fw",
			    name);
	return NULL;
}
