# Options, compiler flags, linker and compiler cache.

option(WEIR_TESTS "Build the tests" ON)
option(WEIR_EXAMPLES "Build the examples" ON)
option(WEIR_BENCHMARKS "Build the benchmarks" ON)
option(WEIR_WERROR "Warnings are errors" ON)
set(WEIR_SANITIZE "" CACHE STRING "Value of -fsanitize=, for example address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
# An edited .cc of the engine relinks libweir.so and nothing else.
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
# Debian's default lib/x86_64-linux-gnu would make the installed tree hard to move.
set(CMAKE_INSTALL_LIBDIR lib CACHE STRING "")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside libstdc++ for correct code (std::string concatenation, std::vector growth) and only
  # when it optimises, so they would fail the release build of code that the debug build accepted.
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
                      -Wno-maybe-uninitialized -Wno-free-nonheap-object -Wno-dangling-pointer
                      -Wno-nonnull)
endif()
if(WEIR_WERROR)
  add_compile_options(-Werror)
endif()

if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()

find_program(WEIR_MOLD mold)
if(WEIR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# Crash reports match a stack frame to its file by the build id.
add_link_options(-Wl,--build-id=sha1)

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WEIR_CCACHE}")
endif()
