# SPDX-License-Identifier: GPL-2.0-or-later
# Read by ctest before the tests. Their time limits are for an idle machine, and are extended by as
# much as this one is slower at the moment. They are there for tests that never end, not to measure
# anything.
cmake_host_system_information(RESULT XDPSHARK_CPUS QUERY NUMBER_OF_LOGICAL_CORES)
set(XDPSHARK_LOAD 0)
if(EXISTS /proc/loadavg)
	file(READ /proc/loadavg XDPSHARK_LOAD)
	string(REGEX REPLACE "[. ].*" "" XDPSHARK_LOAD "${XDPSHARK_LOAD}")
endif()
# Other work may start, and several tests run at a time.
math(EXPR XDPSHARK_PATIENCE "4 + 2 * ${XDPSHARK_LOAD} / ${XDPSHARK_CPUS}")

function(set_tests_properties)
	math(EXPR last "${ARGC} - 1")
	set(call "")
	set(before "")
	foreach(index RANGE ${last})
		set(argument "${ARGV${index}}")
		if(before STREQUAL "TIMEOUT")
			math(EXPR argument "${argument} * ${XDPSHARK_PATIENCE}")
		endif()
		set(before "${argument}")
		string(APPEND call " [==[${argument}]==]")
	endforeach()
	cmake_language(EVAL CODE "_set_tests_properties(${call})")
endfunction()
