// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_host.h"

#include <string.h>

#define SCHEME	    "ssh://"
#define PORT_MAX    65535
#define PLACEHOLDER "%h"

/* A link that is dead is noticed within this many seconds, by both sides. */
#define ALIVE_OPTIONS                                                                              \
	"-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=3"

G_DEFINE_QUARK(xdpshark - remote - error, remote_error)

gboolean remote_host_is_named(const char *word)
{
	return g_str_has_prefix(word, SCHEME);
}

static RemoteHost *host_new(const char *user, const char *name, guint port)
{
	RemoteHost *host = g_new0(RemoteHost, 1);

	host->user = user && *user ? g_strdup(user) : NULL;
	host->host = g_strdup(name);
	host->port = port;
	if (port == 0)
		host->label = g_strdup(name);
	else if (strchr(name, ':'))
		host->label = g_strdup_printf("[%s]:%u", name, port);
	else
		host->label = g_strdup_printf("%s:%u", name, port);
	host->points = g_ptr_array_new_with_free_func(g_free);
	return host;
}

void remote_host_free(RemoteHost *host)
{
	if (!host)
		return;
	g_free(host->user);
	g_free(host->host);
	g_free(host->label);
	g_ptr_array_unref(host->points);
	g_free(host);
}

/* ssh would take a dash for an option, and hands the name to the commands of its configuration. */
static gboolean is_host_name(const char *name)
{
	if (!*name || *name == '-')
		return FALSE;
	for (; *name; name++)
		if (!g_ascii_isgraph(*name) || strchr("'\"`$\\;&|<>(){}/@#!*?", *name))
			return FALSE;
	return TRUE;
}

RemoteHost *remote_host_new(const char *user, const char *host, guint port, GError **error)
{
	if (!host || !*host)
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "no remote host given: name it as for ssh");
	else if (!is_host_name(host))
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "'%s' is no name of a host: give one as for ssh", host);
	else if (port > PORT_MAX)
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "port %u of %s is not from 1 to %d", port, host, PORT_MAX);
	else if (user && *user == '-')
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "'%s' is no name of a user: give one as for ssh", user);
	else
		return host_new(user, host, port);
	return NULL;
}

static RemoteHost *fail_form(const char *word, GError **error)
{
	g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
		    "'%s' is not of the form ssh://[USER@]HOST[:PORT]/PATH, such as "
		    "ssh://web1/sys/fs/bpf/fw or ssh://web1/xdp-prog:eth0",
		    word);
	return NULL;
}

/* Cuts the port off the name; FALSE if it is none. An IPv6 address is in brackets. */
static gboolean take_port(char *name, guint *ret_port)
{
	char *end = name[0] == '[' ? strchr(name, ']') : NULL;
	char *colon = strrchr(end ? end : name, ':');
	guint64 port = 0;

	*ret_port = 0;
	if (name[0] == '[' && (!end || (end[1] && end[1] != ':')))
		return FALSE;
	if (colon && (!g_ascii_string_to_unsigned(colon + 1, 10, 1, PORT_MAX, &port, NULL) ||
		      (!end && strchr(name, ':') != colon)))
		return FALSE;
	if (colon)
		*colon = '\0';
	if (end) {
		*end = '\0';
		memmove(name, name + 1, strlen(name));
	}
	*ret_port = (guint)port;
	return TRUE;
}

/* The point of ssh://HOST/POINT: a path, unless it has a scheme. */
static char *point_of(const char *rest)
{
	const char *colon = strchr(rest, ':');
	const char *slash = *rest ? strchr(rest + 1, '/') : NULL;

	if (!*rest || !rest[1])
		return g_strdup("");
	return g_strdup(colon && (!slash || colon < slash) ? rest + 1 : rest);
}

RemoteHost *remote_host_parse(const char *word, char **ret_point, GError **error)
{
	const char *begin = word + (remote_host_is_named(word) ? strlen(SCHEME) : 0);
	gsize length = strcspn(begin, "/");
	g_autofree char *authority = g_strndup(begin, length);
	char *at = strrchr(authority, '@');
	char *name = at ? at + 1 : authority;
	guint port;
	RemoteHost *host;

	if (at)
		*at = '\0';
	if (!remote_host_is_named(word) || !*name || !take_port(name, &port))
		return fail_form(word, error);
	host = remote_host_new(at ? authority : NULL, name, port, error);
	if (host && ret_point)
		*ret_point = point_of(begin + length);
	return host;
}

static GStrv transport_words(const char *transport, GError **error)
{
	GStrv words = NULL;

	if (g_shell_parse_argv(transport, NULL, &words, NULL))
		return words;
	g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
		    "--transport: '%s' cannot be split into words as a shell does: is a quote "
		    "missing?",
		    transport);
	return NULL;
}

/* "agent-x" of "kubectl exec -i agent-x --": the last word that is no option. */
RemoteHost *remote_host_of_transport(const char *transport, GError **error)
{
	g_auto(GStrv) words = transport_words(transport, error);
	const char *label = NULL;
	RemoteHost *host;

	for (guint i = 0; words && words[i]; i++)
		if (words[i][0] != '-')
			label = words[i];
	if (!words)
		return NULL;
	host = host_new(NULL, label ? label : words[0], 0);
	g_clear_pointer(&host->host, g_free);
	return host;
}

gboolean remote_host_is_same(const RemoteHost *host, const RemoteHost *other)
{
	return g_strcmp0(host->user, other->user) == 0 && g_strcmp0(host->host, other->host) == 0 &&
	       host->port == other->port;
}

gboolean remote_hosts_add(GPtrArray *hosts, const char *word, const char *transport, GError **error)
{
	g_autofree char *point = NULL;
	g_autoptr(RemoteHost) host = transport && !remote_host_is_named(word)
					     ? remote_host_of_transport(transport, error)
					     : remote_host_parse(word, &point, error);

	if (host && !point)
		point = g_strdup(word);
	if (host && !*point) {
		fail_form(word, error);
		return FALSE;
	}
	for (guint i = 0; host && i < hosts->len; i++) {
		const RemoteHost *other = g_ptr_array_index(hosts, i);

		if (!remote_host_is_same(other, host))
			continue;
		g_ptr_array_add(other->points, g_steal_pointer(&point));
		return TRUE;
	}
	if (!host)
		return FALSE;
	g_ptr_array_add(host->points, g_steal_pointer(&point));
	g_ptr_array_add(hosts, g_steal_pointer(&host));
	return TRUE;
}

/* For the shell that sshd runs: it gets all words as one text. */
static void append_quoted(GString *line, const char *word)
{
	g_autofree char *quoted = NULL;
	gboolean plain = *word != '\0';

	for (const char *c = word; *c && plain; c++)
		plain = g_ascii_isalnum(*c) || strchr("_/.,:=+@-", *c);
	if (line->len > 0)
		g_string_append_c(line, ' ');
	if (!plain)
		quoted = g_shell_quote(word);
	g_string_append(line, quoted ? quoted : word);
}

static void append_all(GPtrArray *command, const char *const *words)
{
	for (; *words; words++)
		g_ptr_array_add(command, g_strdup(*words));
}

static void append_option(GPtrArray *command, const char *option, const char *value)
{
	if (!value || !*value)
		return;
	g_ptr_array_add(command, g_strdup(option));
	g_ptr_array_add(command, g_strdup(value));
}

/* A password or passphrase can only be asked for in a window: the terminal is the capture's. */
static gboolean can_ask(void)
{
	const char *program = g_getenv("SSH_ASKPASS");

	return program && *program && (g_getenv("DISPLAY") || g_getenv("WAYLAND_DISPLAY"));
}

static void append_ssh(GPtrArray *command, const RemoteHost *host, const RemoteAccess *access)
{
	static const char *const words[] = { "ssh", "-T", ALIVE_OPTIONS, NULL };
	g_autofree char *port = host->port ? g_strdup_printf("%u", host->port) : NULL;

	append_all(command, words);
	if (!can_ask())
		append_option(command, "-o", "BatchMode=yes");
	append_option(command, "-p", port);
	append_option(command, "-l", host->user);
	append_option(command, "-i", access->key);
	append_option(command, "-J", access->jump);
	append_option(command, "--", host->host);
}

/* FALSE if it says nothing of what to run. */
static gboolean append_transport(GPtrArray *command, const RemoteHost *host, const char *transport,
				 GError **error)
{
	g_auto(GStrv) words = transport_words(transport, error);

	for (guint i = 0; words && words[i]; i++) {
		const char *name = host->host ? host->host : "";
		g_auto(GStrv) parts = g_strsplit(words[i], PLACEHOLDER, -1);

		g_ptr_array_add(command, g_strjoinv(name, parts));
	}
	return words != NULL;
}

static gboolean is_ssh(const char *program)
{
	g_autofree char *name = g_path_get_basename(program);

	return strcmp(name, "ssh") == 0;
}

/* Words of our own, then xdpshark's. */
static GPtrArray *words_there(const RemoteAccess *access, const GPtrArray *words)
{
	static const char *const rights[][3] = {
		[REMOTE_RIGHTS_NONE] = { NULL },
		[REMOTE_RIGHTS_SUDO] = { "sudo", "-n", NULL },
		[REMOTE_RIGHTS_DOAS] = { "doas", "-n", NULL },
	};
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);

	append_all(all, rights[access->rights]);
	g_ptr_array_add(
		all, g_strdup(access->program && *access->program ? access->program : "xdpshark"));
	for (guint i = 0; i < words->len; i++)
		g_ptr_array_add(all, g_strdup(g_ptr_array_index(words, i)));
	return all;
}

GStrv remote_host_command(const RemoteHost *host, const RemoteAccess *access,
			  const GPtrArray *words, GError **error)
{
	g_autoptr(GPtrArray) command = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) there = words_there(access, words);
	gboolean own = access->transport && *access->transport;
	g_autoptr(GString) line = g_string_new(NULL);

	if (own && !append_transport(command, host, access->transport, error))
		return NULL;
	if (!own)
		append_ssh(command, host, access);
	if (is_ssh(g_ptr_array_index(command, 0))) {
		for (guint i = 0; i < there->len; i++)
			append_quoted(line, g_ptr_array_index(there, i));
		g_ptr_array_add(command, g_strdup(line->str));
	} else {
		for (guint i = 0; i < there->len; i++)
			g_ptr_array_add(command, g_strdup(g_ptr_array_index(there, i)));
	}
	g_ptr_array_add(command, NULL);
	g_ptr_array_set_free_func(command, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&command), FALSE);
}
