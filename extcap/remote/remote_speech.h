/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes on the standard error of a program that leads to another host: lines of xdpshark
 * there, of ssh or kubectl, and of anything else that has something to say. When the program fails,
 * the error is among them.
 */
#ifndef XDPSHARK_REMOTE_SPEECH_H
#define XDPSHARK_REMOTE_SPEECH_H

#include <glib.h>

#include "remote_process.h"

typedef struct RemoteSpeech RemoteSpeech;

/* Takes a line. TRUE if it is understood, and no error. */
typedef gboolean RemoteSpeechTake(const char *line, gpointer data);

RemoteSpeech *remote_speech_new(RemoteSpeechTake *take, gpointer data);
void remote_speech_free(RemoteSpeech *speech);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RemoteSpeech, remote_speech_free)

/* Reads what is there. FALSE: nothing more will come. *ret_some: something was there. */
gboolean remote_speech_read(RemoteSpeech *speech, int fd, gboolean *ret_some);

/* The error of a program that has ended with failure, in one line: "web1: Permission denied
 * (publickey)." */
void remote_speech_set_error(const RemoteSpeech *speech, const RemoteProcess *process,
			     const char *label, GError **error);

#endif /* XDPSHARK_REMOTE_SPEECH_H */
