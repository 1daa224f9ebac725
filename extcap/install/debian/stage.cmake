# SPDX-License-Identifier: GPL-2.0-or-later
# cpack runs this when the packages' trees are complete, and before they are packed: what Debian wants in each of them.
# The trees are CPACK_TEMPORARY_INSTALL_DIRECTORY/PACKAGE.
set(trees ${CPACK_TEMPORARY_INSTALL_DIRECTORY})

# Pages about a package's header belong to it, whoever has installed them.
foreach(pair cbpf:libcbpf-dev xdpshark_hook:libxdpshark-dev)
	string(REPLACE ":" ";" pair ${pair})
	list(GET pair 0 page)
	list(GET pair 1 package)
	file(GLOB pages ${trees}/xdpshark/usr/share/man/man3/${page}.3)
	if(pages)
		file(COPY ${pages} DESTINATION ${trees}/${package}/usr/share/man/man3)
		file(REMOVE ${pages})
	endif()
endforeach()
file(GLOB left ${trees}/xdpshark/usr/share/man/man3/*)
if(NOT left)
	file(REMOVE_RECURSE ${trees}/xdpshark/usr/share/man/man3)
endif()

# Debian's changelog has the newest section of docs/changes.md.
execute_process(COMMAND awk -f ${CMAKE_CURRENT_LIST_DIR}/changelog.awk ${CPACK_PACKAGE_SOURCE}/docs/changes.md
	OUTPUT_VARIABLE newest COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C date -u -R -d @$ENV{SOURCE_DATE_EPOCH} OUTPUT_VARIABLE date
	OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

foreach(package IN LISTS CPACK_COMPONENTS_ALL)
	set(doc ${trees}/${package}/usr/share/doc/${package})
	configure_file(${CMAKE_CURRENT_LIST_DIR}/copyright ${doc}/copyright COPYONLY)
	file(WRITE ${doc}/changelog.Debian "xdpshark (${CPACK_PACKAGE_FULL_VERSION}) ${CPACK_PACKAGE_DISTRIBUTION}; urgency=medium

${newest}
 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
	if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${package}.lintian-overrides)
		configure_file(${CMAKE_CURRENT_LIST_DIR}/${package}.lintian-overrides
			${trees}/${package}/usr/share/lintian/overrides/${package} COPYONLY)
	endif()
	file(GLOB_RECURSE pages ${trees}/${package}/usr/share/man/*.[1-8])
	execute_process(COMMAND gzip -9n ${pages} ${doc}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
	# Whatever the umask is.
	execute_process(COMMAND find ${trees}/${package} -type d -exec chmod 0755 {} + COMMAND_ERROR_IS_FATAL ANY)
	execute_process(COMMAND chmod -R go-w,a+rX ${trees}/${package}/usr/share COMMAND_ERROR_IS_FATAL ANY)
endforeach()
