# SPDX-License-Identifier: GPL-2.0-or-later
# Runs at install time: link_name becomes a symbolic link to link_target. Both are paths below the prefix, or absolute.
# The link is relative, so that it is right in a package and below DESTDIR too.
cmake_path(ABSOLUTE_PATH link_name BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
cmake_path(ABSOLUTE_PATH link_target BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
cmake_path(GET link_name PARENT_PATH link_folder)
set(link_place "$ENV{DESTDIR}${link_folder}")
file(INSTALL DESTINATION "${link_folder}" TYPE DIRECTORY FILES "")
# Resolve folders that are links, or the relative path would be wrong.
if("$ENV{DESTDIR}" STREQUAL "")
	file(REAL_PATH "${link_folder}" link_folder)
	file(REAL_PATH "${link_target}" link_target)
endif()
file(RELATIVE_PATH link_target "${link_folder}" "${link_target}")
message(STATUS "Installing: $ENV{DESTDIR}${link_name}")
file(CREATE_LINK "${link_target}" "$ENV{DESTDIR}${link_name}" SYMBOLIC)
list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${link_name}")
