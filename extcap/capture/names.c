// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <sys/stat.h>

#define NAMESPACES    "/run/netns"
#define OWN_NAMESPACE "/proc/self/ns/net"

/* One that has no name yet may get one. */
#define NAMESPACES_INTERVAL_US G_USEC_PER_SEC

struct Names {
	const BrokerSession *session;
	GHashTable *kinds[SESSION_NAME_KINDS]; /* number to text; NULL: it has none */
	GHashTable *namespaces;		       /* likewise */
	gint64 next_namespaces;		       /* when to look for them again, monotonic, in us */
	guint32 own_namespace;
	gboolean failed; /* xdpshark-hookd does not answer any more */
};

Names *names_new(const BrokerSession *session)
{
	Names *names = g_new0(Names, 1);
	struct stat status;

	names->session = session;
	for (guint i = 0; i < SESSION_NAME_KINDS; i++)
		names->kinds[i] = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	names->namespaces = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (stat(OWN_NAMESPACE, &status) == 0)
		names->own_namespace = (guint32)status.st_ino;
	return names;
}

void names_free(Names *names)
{
	if (!names)
		return;
	for (guint i = 0; i < SESSION_NAME_KINDS; i++)
		g_hash_table_unref(names->kinds[i]);
	g_hash_table_unref(names->namespaces);
	g_free(names);
}

static void ask(Names *names)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = broker_session_names(names->session, &error);

	names->failed = !found;
	if (!found)
		g_warning("names are left out from here on: %s", error->message);
	for (guint i = 0; found && i < found->len; i++) {
		SessionName *name = g_ptr_array_index(found, i);

		g_hash_table_insert(names->kinds[name->kind], GSIZE_TO_POINTER(name->number),
				    g_steal_pointer(&name->text));
	}
}

const char *names_find(Names *names, SessionNameKind kind, guint64 number)
{
	gpointer key = GSIZE_TO_POINTER(number), text = NULL;

	if (g_hash_table_lookup_extended(names->kinds[kind], key, NULL, &text))
		return text;
	if (!names->failed)
		ask(names);
	if (g_hash_table_lookup_extended(names->kinds[kind], key, NULL, &text))
		return text;
	g_hash_table_insert(names->kinds[kind], key, NULL);
	return NULL;
}

static void list_namespaces(Names *names)
{
	g_autoptr(GDir) folder = g_dir_open(NAMESPACES, 0, NULL);
	const char *name;

	g_hash_table_remove_all(names->namespaces);
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(NAMESPACES, name, NULL);
		struct stat status;

		if (stat(path, &status) == 0)
			g_hash_table_insert(names->namespaces, GSIZE_TO_POINTER(status.st_ino),
					    g_strdup(name));
	}
}

const char *names_find_namespace(Names *names, guint32 number)
{
	gpointer key = GSIZE_TO_POINTER((gsize)number);
	const char *name = g_hash_table_lookup(names->namespaces, key);
	gint64 now = g_get_monotonic_time();

	if (number == names->own_namespace)
		return NULL;
	if (!name && now >= names->next_namespaces) {
		list_namespaces(names);
		names->next_namespaces = now + NAMESPACES_INTERVAL_US;
		name = g_hash_table_lookup(names->namespaces, key);
	}
	if (name)
		return name;
	g_hash_table_insert(names->namespaces, key, g_strdup_printf("%u", number));
	return g_hash_table_lookup(names->namespaces, key);
}
