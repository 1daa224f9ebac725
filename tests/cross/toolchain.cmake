# SPDX-License-Identifier: GPL-2.0-or-later
# Builds for the architecture in $ENV{XDPSHARK_TARGET} (as GNU calls it: s390x, aarch64) from the system root in
# $ENV{XDPSHARK_ROOT}; tests run in qemu-user. See build.
foreach(name TARGET ROOT)
	# cmake's own trials of the compiler read this file, too, without the environment.
	if(DEFINED ENV{XDPSHARK_${name}})
		set(XDPSHARK_${name} $ENV{XDPSHARK_${name}} CACHE INTERNAL "")
	endif()
	list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES XDPSHARK_${name})
endforeach()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${XDPSHARK_TARGET})
set(CMAKE_SYSROOT ${XDPSHARK_ROOT})
set(CMAKE_C_COMPILER ${XDPSHARK_TARGET}-linux-gnu-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${XDPSHARK_TARGET} -L ${XDPSHARK_ROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(libraries ${XDPSHARK_ROOT}/usr/lib/${XDPSHARK_TARGET}-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR} ${libraries}/pkgconfig:${XDPSHARK_ROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${XDPSHARK_ROOT})
# Libraries of libraries.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${libraries}")
