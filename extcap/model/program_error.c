// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_error.h"

G_DEFINE_QUARK(xdpshark_program_error, program_error)
