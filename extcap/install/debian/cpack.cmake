# SPDX-License-Identifier: GPL-2.0-or-later
# cpack reads this before it makes the packages: what is in which, and how they are built. They are built in a folder of
# their own, below the build that cpack was called in, with Debian's paths and flags whatever that one has.
#
#	package_source, package_build   folders
#	package_plugin                  whether Wireshark's headers are here
#	package_settings                arguments for cmake
#
# SOURCE_DATE_EPOCH is the time of the packages; without it that of the commit, or of docs/changes.md.
if(NOT CPACK_INSTALL_CMAKE_PROJECTS)
	return() # the tarball of the sources
endif()
if(NOT CPACK_GENERATOR STREQUAL "DEB")
	message(FATAL_ERROR "cpack makes Debian's packages here: cpack -G DEB (others: docs/packages.md)")
endif()

# output_of(VARIABLE COMMAND...): what it prints, or nothing.
function(output_of variable)
	execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${package_source} OUTPUT_VARIABLE output ERROR_QUIET
		OUTPUT_STRIP_TRAILING_WHITESPACE)
	set(${variable} "${output}" PARENT_SCOPE)
endfunction()

if("$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
	set(time)
	if(EXISTS ${package_source}/.git)
		output_of(time git -c safe.directory=* log -1 --format=%ct)
	endif()
	if(time STREQUAL "")
		file(TIMESTAMP ${package_source}/docs/changes.md time %s UTC)
	endif()
	set(ENV{SOURCE_DATE_EPOCH} ${time})
endif()

# The version: that of docs/changes.md, and until it is released, before it: 0.2.0~20261231.235959.
file(STRINGS ${package_source}/docs/changes.md headings REGEX "^## ")
list(GET headings 0 heading)
string(REGEX MATCH "^## ([0-9.]+) \\(([^)]*)\\)$" heading "${heading}")
set(CPACK_DEBIAN_PACKAGE_VERSION ${CMAKE_MATCH_1})
if(CMAKE_MATCH_2 STREQUAL "not released")
	string(TIMESTAMP time %Y%m%d.%H%M%S UTC) # of SOURCE_DATE_EPOCH
	string(APPEND CPACK_DEBIAN_PACKAGE_VERSION "~${time}")
endif()
if(NOT CPACK_DEBIAN_PACKAGE_RELEASE)
	set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
endif()
# Of one version, that for the newer Debian is the newer package.
set(VERSION_ID)
set(VERSION_CODENAME unstable)
file(STRINGS /etc/os-release lines REGEX "^VERSION_(ID|CODENAME)=")
foreach(line IN LISTS lines)
	string(REGEX MATCH "^([A-Z_]+)=\"?([^\"]*)\"?$" line "${line}")
	set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()
if(VERSION_ID)
	string(APPEND CPACK_DEBIAN_PACKAGE_RELEASE "~deb${VERSION_ID}")
endif()
set(version "${CPACK_DEBIAN_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")

# What stage.cmake, which finishes the packages' trees, knows of all this.
set(CPACK_PACKAGE_SOURCE ${package_source})
set(CPACK_PACKAGE_FULL_VERSION ${version})
set(CPACK_PACKAGE_DISTRIBUTION ${VERSION_CODENAME})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/stage.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/archive.cmake)

set(CPACK_DEB_COMPONENT_INSTALL TRUE)
set(CPACK_SET_DESTDIR TRUE) # Wireshark's folders are absolute paths
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS TRUE)
set(CPACK_DEBIAN_PACKAGE_SOURCE xdpshark)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS FALSE)
unset(CPACK_PACKAGE_DESCRIPTION_SUMMARY) # would stand before each package's own
set(CPACK_INSTALL_CMAKE_PROJECTS "${package_build}" xdpshark ALL /)
set(CPACK_COMPONENTS_ALL)

# PACKAGE.FILE beside this file is FILE in the package's control archive.
set(control ${package_build}/control)
foreach(file xdpshark.config xdpshark.postinst xdpshark.postrm xdpshark.templates xdpshark.triggers libcbpf0.shlibs
		libcbpf0.triggers)
	string(REPLACE "." "/" path ${file})
	configure_file(${CMAKE_CURRENT_LIST_DIR}/${file} ${control}/${path} COPYONLY)
endforeach()
set(CPACK_DEBIAN_XDPSHARK_PACKAGE_CONTROL_EXTRA ${control}/xdpshark/config ${control}/xdpshark/postinst
	${control}/xdpshark/postrm ${control}/xdpshark/templates ${control}/xdpshark/triggers)
set(CPACK_DEBIAN_LIBCBPF0_PACKAGE_CONTROL_EXTRA ${control}/libcbpf0/shlibs ${control}/libcbpf0/triggers)

# package(NAME SECTION DESCRIPTION [FIELD TEXT...]): the component of that name.
macro(package name section description)
	list(APPEND CPACK_COMPONENTS_ALL ${name})
	string(TOUPPER ${name} upper)
	set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
	set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
	set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}")
	set(fields ${ARGN})
	while(fields)
		list(POP_FRONT fields field text)
		set(CPACK_DEBIAN_${upper}_${field} "${text}")
	endwhile()
endmacro()

package(xdpshark net
	"capture packets at XDP, with what XDP did to them
Programs at XDP drop, rewrite, send back and redirect packets before the
rest of Linux sees them. xdpshark captures from hooks that such programs
leave through, with tcpdump's filters, and writes for each packet what XDP
did to it. The running program is neither reloaded nor changed.

This is the program for the command line, and the part of it that has
privileges. xdpshark-wireshark brings the hooks into Wireshark, and ssh
those of other hosts."
	PACKAGE_DEPENDS "debconf (>= 0.5) | debconf-2.0, libcap2-bin, passwd"
	PACKAGE_RECOMMENDS "openssh-client"
	PACKAGE_SUGGESTS "bpftool, libxdpshark-dev, tcpdump, tshark, xdpshark-wireshark")
if(package_plugin)
	package(xdpshark-wireshark net
		"XDP hooks as interfaces in Wireshark
Wireshark and tshark list XDP hooks among their interfaces, capture from
them, and show, filter and colour packets by what XDP did to them.

These are the entry in Wireshark's folder of external capture programs, a
plugin with the fields xdp.action and others, and the profile XDP."
		PACKAGE_DEPENDS "xdpshark (= ${version})"
		PACKAGE_RECOMMENDS "wireshark | tshark"
		PACKAGE_ENHANCES "wireshark, tshark")
endif()
package(libcbpf0 libs
	"compiler from classic BPF to eBPF
libcbpf compiles capture filters, as libpcap makes them, to eBPF that passes
the kernel's verifier and gives libpcap's verdict on every packet, or to the
text of a C function that does.")
package(libcbpf-dev libdevel
	"compiler from classic BPF to eBPF (development files)
libcbpf compiles capture filters, as libpcap makes them, to eBPF that passes
the kernel's verifier and gives libpcap's verdict on every packet.

These are the header, the static library and the file for pkg-config."
	PACKAGE_DEPENDS "libcbpf0 (= ${version})"
	PACKAGE_SHLIBDEPS FALSE)
package(libxdpshark-dev libdevel
	"header for XDP programs that xdpshark captures from
An XDP program that includes this header declares a hook, and leaves through
it. xdpshark then captures its packets whenever it is wanted. While it is
not, the hook costs a tail call that fails.

This is xdpshark_hook.h and the file for pkg-config."
	PACKAGE_ARCHITECTURE all
	PACKAGE_RECOMMENDS "clang, libbpf-dev"
	PACKAGE_SHLIBDEPS FALSE)

set(targets xdpshark xdpshark-hookd cbpf cbpf_static)
if(package_plugin)
	list(APPEND targets xdp)
endif()
message(STATUS "Building in ${package_build}, for Debian")
set(ENV{CCACHE_BASEDIR}) # it would change the paths that the compiler sees
# Without -g: what is installed is stripped.
set(ENV{DEB_BUILD_MAINT_OPTIONS} hardening=+all)
output_of(compiler_flags dpkg-buildflags --get CFLAGS)
output_of(preprocessor_flags dpkg-buildflags --get CPPFLAGS)
output_of(linker_flags dpkg-buildflags --get LDFLAGS)
string(REGEX REPLACE "(^| )-g( |$)" " " compiler_flags "${compiler_flags}")
string(REGEX REPLACE "-f[a-z]+-prefix-map=[^ ]*" "" compiler_flags "${compiler_flags}")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${package_source} -B ${package_build} -G ${CPACK_CMAKE_GENERATOR}
		-DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DXDPSHARK_BUILD_TESTS=OFF -DXDPSHARK_CAPTURE_GROUP=
		-DXDPSHARK_ZSH_FOLDER=share/zsh/vendor-completions
		"-DCMAKE_C_FLAGS=${compiler_flags} ${preprocessor_flags}" "-DCMAKE_EXE_LINKER_FLAGS=${linker_flags}"
		"-DCMAKE_SHARED_LINKER_FLAGS=${linker_flags}" "-DCMAKE_MODULE_LINKER_FLAGS=${linker_flags}" ${package_settings}
	RESULT_VARIABLE result)
if(result EQUAL 0)
	execute_process(COMMAND ${CMAKE_COMMAND} --build ${package_build} --parallel --target ${targets} RESULT_VARIABLE result)
endif()
if(NOT result EQUAL 0)
	message(FATAL_ERROR "xdpshark cannot be built for packages in ${package_build}")
endif()
