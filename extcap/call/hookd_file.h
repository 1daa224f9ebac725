/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program file xdpshark-hookd. Whoever may run it with its capabilities may capture.
 */
#ifndef XDPSHARK_HOOKD_FILE_H
#define XDPSHARK_HOOKD_FILE_H

#include <glib.h>

/* Its path. Free with g_free(). */
char *hookd_file_path(void);

/* Who may capture: "root", "root and the members of the group wireshark". Free with g_free(). */
char *hookd_file_users(const char *path);

/* The group whose members may capture; NULL if there is none. Free with g_free(). */
char *hookd_file_group(const char *path);

/* The command that makes our user a member of it: "sudo usermod -aG wireshark joe". Likewise. */
char *hookd_file_join(const char *group);

/* What our user is to do to capture: "sudo usermod -aG wireshark joe, then log in again". Likewise.
 */
char *hookd_file_remedy(const char *path);

#endif /* XDPSHARK_HOOKD_FILE_H */
