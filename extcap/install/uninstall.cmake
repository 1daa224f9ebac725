# SPDX-License-Identifier: GPL-2.0-or-later
# Removes the files of the last `cmake --install`, which wrote their names into `manifest`. Group and account stay.
if(NOT EXISTS "${manifest}")
	message(FATAL_ERROR "there is no ${manifest}: nothing was installed from this build")
endif()
file(STRINGS "${manifest}" files)
foreach(file IN LISTS files)
	set(file "$ENV{DESTDIR}${file}")
	if(EXISTS "${file}" OR IS_SYMLINK "${file}")
		message(STATUS "Removing: ${file}")
		file(REMOVE "${file}")
	endif()
endforeach()
