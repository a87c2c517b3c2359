# With WEIR_QUICK_TESTS, which the presets asan and tsan have, test programs are compiled without optimisation, and the headers
# that nearly every test includes are compiled once: that takes a third of the time. The engine is optimised as ever.
#
# Not the other presets: a test that lacks an include would compile there. The release build, which every CI run makes, holds
# each file to its own includes.

option(WEIR_QUICK_TESTS "Compile test programs without optimisation and with precompiled headers" OFF)

# Has a test program compiled the quick way.
function(weir_compile_quickly target)
  if(NOT WEIR_QUICK_TESTS)
    return()
  endif()
  if(NOT TARGET weir_test_headers)
    weir_add_test_headers()
  endif()
  weir_set_quick_flags(${target})
  target_precompile_headers(${target} REUSE_FROM weir_test_headers)
endfunction()

# What a precompiled header and those that use it must agree upon.
function(weir_set_quick_flags target)
  target_compile_options(${target} PRIVATE -O0)
  if(WEIR_CCACHE AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL WEIR_CCACHE)
    # Else ccache refuses what uses a precompiled header.
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${WEIR_CCACHE}")
  endif()
endfunction()

# The target whose precompiled header the tests share. Nothing else of it is built, but CMake wants a source.
function(weir_add_test_headers)
  set(source "${PROJECT_BINARY_DIR}/gen/weir_test_headers.cc")
  file(CONFIGURE OUTPUT "${source}" CONTENT "int main() { return 0; }\n")
  add_executable(weir_test_headers EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(weir_test_headers PRIVATE GTest::gtest_main GTest::gmock)
  weir_set_quick_flags(weir_test_headers)
  target_precompile_headers(weir_test_headers PRIVATE
    <algorithm> <chrono> <deque> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <thread>
    <unordered_map> <utility> <variant> <vector> <gmock/gmock.h> <gtest/gtest.h>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # With a time in it no two are the same, and ccache would never know again what was compiled with it.
    target_compile_options(weir_test_headers PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
