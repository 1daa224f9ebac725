// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_salt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "program_error.h"

#define SALT_FILE CONFINE_FOLDER "/frames"

#define SALT_SIZE (2 * sizeof(guint64))

static gboolean read_salt(int file, guint64 *ret_salt)
{
	return pread(file, ret_salt, SALT_SIZE, 0) == (ssize_t)SALT_SIZE && ret_salt[0] != 0;
}

static gboolean make_salt(int file, guint64 *ret_salt)
{
	if (getrandom(ret_salt, SALT_SIZE, 0) != (ssize_t)SALT_SIZE)
		return FALSE;
	ret_salt[0] |= 1;
	return pwrite(file, ret_salt, SALT_SIZE, 0) == (ssize_t)SALT_SIZE;
}

/* Only one makes it. */
static gboolean read_or_make(int file, guint64 *ret_salt)
{
	struct stat status;

	if (fstat(file, &status) < 0 || flock(file, LOCK_EX) < 0)
		return FALSE;
	if (!S_ISREG(status.st_mode) || (status.st_uid != 0 && status.st_uid != geteuid()) ||
	    status.st_mode & 077) {
		errno = EPERM;
		return FALSE;
	}
	return read_salt(file, ret_salt) || make_salt(file, ret_salt);
}

gboolean frame_salt_read(guint64 ret_salt[static 2], GError **error)
{
	int file = open(SALT_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	gboolean known = file >= 0 && read_or_make(file, ret_salt);
	int reason = errno;

	if (file >= 0)
		close(file);
	if (!known)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "--track: cannot read or make " SALT_FILE
			    ", by which frames are known: %s: as root, remove it",
			    g_strerror(reason));
	return known;
}
