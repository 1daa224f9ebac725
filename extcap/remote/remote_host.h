/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other hosts and the points that are captured there: ssh://[USER@]HOST[:PORT]/POINT, and how one
 * gets to them.
 */
#ifndef XDPSHARK_REMOTE_HOST_H
#define XDPSHARK_REMOTE_HOST_H

#include <glib.h>

#define REMOTE_ERROR (remote_error_quark())
GQuark remote_error_quark(void);
typedef enum {
	REMOTE_ERROR_NAME,   /* what was typed is no name of a remote point */
	REMOTE_ERROR_FAILED, /* the host cannot be reached, or something there failed */
} RemoteError;

/* How the user there gets the right to capture. */
typedef enum {
	REMOTE_RIGHTS_NONE, /* it has it already */
	REMOTE_RIGHTS_SUDO,
	REMOTE_RIGHTS_DOAS,
} RemoteRights;

/* What is the same for all hosts; NULL or 0 for the default. */
typedef struct {
	const char *transport; /* words in the place of ssh, as in a shell; "%h" is the host */
	const char *key;
	const char *jump;
	const char *program; /* xdpshark there */
	RemoteRights rights;
} RemoteAccess;

typedef struct {
	char *user;	   /* NULL: ssh decides */
	char *host;	   /* NULL: the transport alone says which one */
	guint port;	   /* 0: ssh decides */
	char *label;	   /* for people, and in the file: HOST or HOST:PORT */
	GPtrArray *points; /* char *, as typed there */
} RemoteHost;

/* Whether a word has the form of a remote point, right or wrong. */
gboolean remote_host_is_named(const char *word);

/* The host of a word, without its point, which goes to *ret_point ("": none was given). ret_point
 * may be NULL. */
RemoteHost *remote_host_parse(const char *word, char **ret_point, GError **error);

/* From separate fields. */
RemoteHost *remote_host_new(const char *user, const char *host, guint port, GError **error);

/* The host that a transport leads to by itself. */
RemoteHost *remote_host_of_transport(const char *transport, GError **error);

/* Adds a point, as typed, to the hosts (RemoteHost *), each of which is there once. transport: what
 * leads to the host, and to which if the point names none; or NULL. */
gboolean remote_hosts_add(GPtrArray *hosts, const char *word, const char *transport,
			  GError **error);

gboolean remote_host_is_same(const RemoteHost *host, const RemoteHost *other);
void remote_host_free(RemoteHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RemoteHost, remote_host_free)

/* What to run here so that words (xdpshark's arguments, without its name) run there. Free with
 * g_strfreev(). */
GStrv remote_host_command(const RemoteHost *host, const RemoteAccess *access,
			  const GPtrArray *words, GError **error);

#endif /* XDPSHARK_REMOTE_HOST_H */
