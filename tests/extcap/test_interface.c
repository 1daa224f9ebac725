/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface values: whatever pins are called, each has a value of its own, which Wireshark can hold
 * and which leads back to it, and to no other whatever is done to it.
 */
#include <glib.h>
#include <string.h>

#include "interface.h"

#define ROUNDS 2000

/* A file's name, with what Wireshark puts around the value for a toolbar's FIFO. */
#define FIFO_NAME_MAX (255 - 35)

/* What names differ in that are the same to a preference, and what they are written with. */
static const char *const pieces[] = {
	"a", "A",   "_", "-", "b", "~",	   "%",	   "%41", "%7E",
	" ", "/x/", "{", "}", "9", "\x7f", "\xff", "\n",  "~0123456789abcdef",
};

static char *random_path(void)
{
	GString *path = g_string_new("/sys/fs/bpf/");
	int count = g_test_rand_int_range(1, g_test_rand_int_range(2, 200));

	for (int i = 0; i < count; i++) {
		if (g_test_rand_int_range(0, 3) > 0)
			g_string_append(path,
					pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
		else
			g_string_append_c(path, (char)g_test_rand_int_range(1, 256));
	}
	return g_string_free(path, FALSE);
}

static gint compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Different paths, sorted, as the list of hooks has them. */
static GPtrArray *random_paths(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	int count = g_test_rand_int_range(1, 12);

	while ((int)paths->len < count) {
		char *path = random_path();

		if (g_hash_table_add(seen, path))
			g_ptr_array_add(paths, path);
		else
			g_free(path);
	}
	g_ptr_array_sort(paths, compare);
	g_ptr_array_add(paths, NULL);
	return paths;
}

/* What Wireshark makes of the value: a preference's name. */
static char *preference(const char *value)
{
	char *name = g_ascii_strdown(value, -1);

	return g_strcanon(name, "abcdefghijklmnopqrstuvwxyz0123456789", '_');
}

static void check_value(const char *value)
{
	g_assert_cmpuint(strlen(value), <=, FIFO_NAME_MAX);
	g_assert_true(g_str_has_prefix(value, "xdp:/"));
	for (const char *c = value; *c; c++)
		g_assert_true(*c > ' ' && *c < 0x7f && !strchr("{}", *c));
}

static void test_round_trip(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GPtrArray) paths = random_paths();
		const char *const *list = (const char *const *)paths->pdata;
		g_auto(GStrv) values = interface_values(&source_hook, list);
		g_auto(GStrv) again = interface_values(&source_hook, list);
		g_autoptr(GHashTable) names =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		g_assert_true(
			g_strv_equal((const char *const *)values, (const char *const *)again));
		for (guint i = 0; list[i]; i++) {
			g_autofree char *path = interface_address(values[i], list);
			g_autofree char *alone = interface_address(values[i], NULL);

			check_value(values[i]);
			g_assert_true(g_hash_table_add(names, preference(values[i])));
			g_assert_cmpstr(path, ==, list[i]);
			g_assert_true(alone ? strcmp(alone, list[i]) == 0
					    : interface_is_cut(values[i]));
		}
	}
}

/* Whether the text may stand for the path, character by character or escaped. */
static gboolean spells(const char *text, const char *path)
{
	const char *at = text + strlen("xdp:");

	for (; *path; path++) {
		g_autofree char *escape = g_strdup_printf("%%%02X", (guchar)*path);

		if (*path != '%' && *path != '~' && *at == *path)
			at++;
		else if (g_str_has_prefix(at, escape))
			at += strlen(escape);
		else
			return FALSE;
	}
	return *at == '\0' || *at == '~';
}

static void test_changed(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GPtrArray) paths = random_paths();
		const char *const *list = (const char *const *)paths->pdata;
		g_auto(GStrv) values = interface_values(&source_hook, list);
		char *value = values[0];
		gsize at = (gsize)g_test_rand_int_range(0, (int)strlen(value));
		g_autofree char *path = NULL;

		value[at] = g_test_rand_int_range(0, 2) ? "~%/aA0_"[g_test_rand_int_range(0, 7)]
							: (char)g_test_rand_int_range(1, 256);
		path = interface_address(value, list);
		/* It is another hook's own value, or none. */
		if (path && !interface_is_cut(value))
			g_assert_true(spells(value, path));
	}
}

static void test_wrong(void)
{
	static const char *const paths[] = { "/f/A", "/f/a", "/f/a b", "/f/a~b", NULL };
	static const char *const wrong[] = {
		"",
		"eth0",
		"xdp:",
		"xdp:f/a",
		"xdp:/f/a~b",
		"xdp:/f/a~",
		"xdp:/f/a~~",
		"xdp:/f/%41",
		"xdp:/f/a%7e",
		"xdp:/f/a%",
		"xdp:/f/a%7",
		"xdp:/f/a%00",
		"xdp:/f%2Fa",
		"xdp:/f/%zz",
		"xdp:/f/a~0123456789abcdef",
		"xdp:/f/a%20",
		NULL,
	};
	g_auto(GStrv) values = interface_values(&source_hook, paths);

	for (guint i = 0; wrong[i]; i++) {
		g_autofree char *path = interface_address(wrong[i], paths);

		/* A hook of that name, as it happens. */
		g_assert_cmpstr(path, ==, strcmp(wrong[i], "xdp:/f/a%20") == 0 ? "/f/a " : NULL);
	}
	g_assert_cmpstr(values[0], ==, "xdp:/f/A");
	g_assert_true(g_str_has_prefix(values[1], "xdp:/f/a~"));
	g_assert_cmpstr(values[2], ==, "xdp:/f/a%20b");
	g_assert_cmpstr(values[3], ==, "xdp:/f/a%7Eb");
	/* The suffix is the path's own. */
	memcpy(values[1], "xdp:/f/b", 8);
	g_assert_null(interface_address(values[1], paths));
}

/* A preference must be found again in the next version. */
static void test_stable(void)
{
	static const char *const paths[] = { "/f/a-b", "/f/a_b", NULL };
	g_autofree char *name = g_strnfill(300, 'n');
	g_autofree char *path = g_strconcat("/f/", name, NULL);
	const char *const cut[] = { path, NULL };
	g_auto(GStrv) values = interface_values(&source_hook, paths);
	g_auto(GStrv) cuts = interface_values(&source_hook, cut);

	g_assert_cmpstr(values[0], ==, "xdp:/f/a-b");
	g_assert_cmpstr(values[1], ==, "xdp:/f/a_b~6363bdbdc0b9cd10");
	name[INTERFACE_LENGTH_MAX - 17 - strlen("xdp:/f/")] = '\0';
	g_autofree char *expected = g_strconcat("xdp:/f/", name, "~c47668317f4571ab", NULL);

	g_assert_cmpstr(cuts[0], ==, expected);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/interface/leads-back-to-its-own-hook", test_round_trip);
	g_test_add_func("/interface/changed-is-refused", test_changed);
	g_test_add_func("/interface/wrong-is-refused", test_wrong);
	g_test_add_func("/interface/stays-the-same", test_stable);
	return g_test_run();
}
