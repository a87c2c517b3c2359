# How compiling is kept short where speed of the result does not matter.
#
# Test programs, unless their weir_test says OPTIMIZED, have -O1 in the release build: that takes a quarter off.
#
# With WEIR_QUICK, which the presets asan and tsan have, they have -O0, like the engine's layers that no record passes, and the
# headers that nearly every file includes are compiled once (ADR 0053). Not in the other presets: a file that lacks an include
# would compile there. The release build, which every CI run makes, holds each file to its own includes.

option(WEIR_QUICK "Precompile common headers, and optimise only the layers that records pass" OFF)

# Those that tests and records keep busy; at -O0 the state tests would take far longer than compiling saves.
set(WEIR_OPTIMIZED_LAYERS base types functions state runtime)

set(WEIR_STANDARD_HEADERS
  <algorithm> <atomic> <chrono> <condition_variable> <deque> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
  <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

# Has a test program compiled the quick way.
function(weir_compile_test_quickly target optimized)
  if(WEIR_QUICK)
    if(NOT optimized)
      target_compile_options(${target} PRIVATE -O0)
    endif()
    weir_precompile(${target} tests "${optimized}")
  elseif(NOT optimized)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# Has a library of the engine compiled the quick way; `layer` is its folder right below src/.
function(weir_compile_engine_quickly target layer)
  if(NOT WEIR_QUICK)
    return()
  endif()
  set(optimized TRUE)
  if(NOT layer IN_LIST WEIR_OPTIMIZED_LAYERS)
    set(optimized FALSE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
  weir_precompile(${target} engine ${optimized})
endfunction()

# Gives `target` the precompiled headers for `kind` (tests or engine), which are made at the first call.
function(weir_precompile target kind optimized)
  if(optimized)
    set(headers weir_headers_for_optimized_${kind})
  else()
    set(headers weir_headers_for_${kind})
  endif()
  if(NOT TARGET ${headers})
    cmake_language(CALL weir_add_headers_for_${kind} ${headers})
    weir_agree_on_headers(${headers})
    if(NOT optimized)
      target_compile_options(${headers} PRIVATE -O0)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      # With a time in it no two are the same, and ccache would never know again what was compiled with it.
      target_compile_options(${headers} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
  weir_agree_on_headers(${target})
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# What a precompiled header and those that use it must agree upon.
function(weir_agree_on_headers target)
  target_compile_options(${target} PRIVATE -pthread)
  if(WEIR_CCACHE AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL WEIR_CCACHE)
    # Else ccache refuses what uses a precompiled header.
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${WEIR_CCACHE}")
  endif()
endfunction()

# The targets whose precompiled headers others share. Nothing else of them is built, but CMake wants a source. One is a program
# and one a library, since position independence must agree, too.
function(weir_add_headers_for_tests name)
  weir_write_empty_source(${name} source)
  add_executable(${name} EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(${name} PRIVATE GTest::gtest_main GTest::gmock)
  target_precompile_headers(${name} PRIVATE ${WEIR_STANDARD_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
endfunction()

function(weir_add_headers_for_engine name)
  weir_write_empty_source(${name} source)
  add_library(${name} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_precompile_headers(${name} PRIVATE ${WEIR_STANDARD_HEADERS})
endfunction()

function(weir_write_empty_source name result)
  set(source "${PROJECT_BINARY_DIR}/gen/${name}.cc")
  file(CONFIGURE OUTPUT "${source}" CONTENT "int main() { return 0; }\n")
  set(${result} "${source}" PARENT_SCOPE)
endfunction()
