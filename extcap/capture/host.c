// SPDX-License-Identifier: GPL-2.0-or-later
#include "host.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

char *host_describe_os(void)
{
	struct utsname name;

	return uname(&name) == 0 ? g_strdup_printf("%s %s", name.sysname, name.release) : NULL;
}

char *host_describe_hardware(void)
{
	g_autofree char *text = NULL;
	struct utsname name;
	const char *model;

	if (g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) &&
	    (model = strstr(text, "model name")) && (model = strchr(model, ':')))
		return g_strstrip(g_strndup(model + 1, strcspn(model + 1, "\n")));
	return uname(&name) == 0 ? g_strdup(name.machine) : NULL;
}

/* Any socket can be asked for it, where there are namespaces. */
guint64 host_namespace(void)
{
#ifdef SO_NETNS_COOKIE
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	guint64 cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		cookie = 0;
	close(fd);
	return cookie;
#else
	return 0;
#endif
}
