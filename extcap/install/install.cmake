# SPDX-License-Identifier: GPL-2.0-or-later
# Runs at install time, after the variables below are set by extcap/CMakeLists.txt: puts xdpshark-hookd in place
# through xdpshark-permit, which says who may run it.
#
#	permit_program, permit_hookd   what was built
#	permit_group                   whose members may capture; empty: root alone
#	permit_folder                  where both go; below the prefix, if it is not absolute
#	permit_only_check              TRUE: end the install here if it could not be done, before anything is changed
cmake_path(ABSOLUTE_PATH permit_folder BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
set(permit_arguments)
if(permit_group)
	list(APPEND permit_arguments -g "${permit_group}")
endif()
if(NOT "$ENV{DESTDIR}" STREQUAL "")
	list(APPEND permit_arguments -s "${permit_folder}")
endif()

function(permit_run)
	execute_process(COMMAND "${permit_program}" ${permit_arguments} ${ARGN} RESULT_VARIABLE result)
	if(NOT result EQUAL 0)
		message(FATAL_ERROR "xdpshark-hookd was not installed")
	endif()
endfunction()

if(permit_only_check)
	permit_run(-n)
	return()
endif()
set(permit_destination "$ENV{DESTDIR}${permit_folder}")
file(INSTALL DESTINATION "${permit_folder}" TYPE PROGRAM FILES "${permit_program}")
# The folder may exist with any mode: whoever can write to it could replace xdpshark-hookd.
file(CHMOD "${permit_destination}" DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
message(STATUS "Installing: ${permit_destination}/xdpshark-hookd")
if(CMAKE_INSTALL_DO_STRIP)
	file(COPY_FILE "${permit_hookd}" "${permit_hookd}.stripped")
	execute_process(COMMAND "${permit_strip}" "${permit_hookd}.stripped" COMMAND_ERROR_IS_FATAL ANY)
	set(permit_hookd "${permit_hookd}.stripped")
endif()
permit_run(-f "${permit_hookd}" -d "${permit_destination}/xdpshark-hookd")
list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${permit_folder}/xdpshark-hookd")
