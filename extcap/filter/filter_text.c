// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Whoever names a device or a capture file by mistake waits no longer than that takes. */
#define SIZE_MAX_READ ((gsize)1024 * 1024)

static gboolean read_all(int fd, GString *text)
{
	char part[4096];
	gssize length;

	while (text->len <= SIZE_MAX_READ && (length = read(fd, part, sizeof(part))) != 0) {
		if (length > 0)
			g_string_append_len(text, part, length);
		else if (errno != EINTR)
			return FALSE;
	}
	return TRUE;
}

/* One line, as libpcap quotes what it does not understand: comments and ends of line become spaces,
 * one between two words. */
static void join_lines(char *text)
{
	gboolean comment = FALSE;
	char *to = text;

	for (char last = ' '; *text; text++) {
		comment = (comment || *text == '#') && *text != '\n';
		if (!comment && !g_ascii_isspace(*text))
			*to++ = last = *text;
		else if (last != ' ')
			*to++ = last = ' ';
	}
	*to = '\0';
}

char *filter_text_read(const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean standard = strcmp(path, "-") == 0, done;
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	done = fd >= 0 && read_all(fd, text);
	if (!done)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot read the filter from %s: %s",
			    standard ? "standard input" : path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	if (!done)
		return NULL;
	if (text->len > SIZE_MAX_READ || strlen(text->str) != text->len) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is no text of a filter: -F takes one in tcpdump's language", path);
		return NULL;
	}
	join_lines(text->str);
	return g_strdup(g_strstrip(text->str));
}
