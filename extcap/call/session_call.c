// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_call.h"

G_DEFINE_QUARK(xdpshark_session_error, session_error)
