# The declarations a CMakeLists.txt of this project consists of.
#
#   weir_library(<name> HEADERS a.h SOURCES a.cc DEPENDS base types LIBRARIES PkgConfig::zstd [OUTSIDE])
#   weir_proto(<file without .proto>... [GRPC])
#   weir_test(<name> SOURCES a_test.cc [LABEL unit] [TIMEOUT 60] [LIBRARIES ...] [OPTIMIZED])
#   weir_benchmark(<name> [SOURCES name.cc])

include("${CMAKE_CURRENT_LIST_DIR}/weir_add_job.cmake")

# Adds a folder if it has a CMakeLists.txt.
macro(weir_add_optional folder)
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
    add_subdirectory(${folder})
  endif()
endmacro()

# Adds every folder under `root` that has a CMakeLists.txt, parents first. A folder's own CMakeLists.txt therefore
# never says add_subdirectory.
function(weir_add_tree root)
  file(GLOB_RECURSE lists CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}"
       "${CMAKE_CURRENT_SOURCE_DIR}/${root}/CMakeLists.txt")
  list(TRANSFORM lists REPLACE "/CMakeLists.txt$" "")
  list(SORT lists)
  foreach(folder IN LISTS lists)
    add_subdirectory(${folder})
  endforeach()
endfunction()

# Adds the layers in the order given, and refuses a folder that is no layer.
function(weir_add_layers root)
  file(GLOB folders RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}/${root}"
       "${CMAKE_CURRENT_SOURCE_DIR}/${root}/*/CMakeLists.txt")
  foreach(list IN LISTS folders)
    get_filename_component(folder "${list}" DIRECTORY)
    if(NOT folder IN_LIST ARGN)
      message(FATAL_ERROR "${root}/${folder} is not a layer. Add it to WEIR_LAYERS in CMakeLists.txt and to "
                          "tools/layers.txt, at the place that says what it may include.")
    endif()
  endforeach()
  foreach(layer IN LISTS ARGN)
    weir_add_tree(${root}/${layer})
  endforeach()
endfunction()

# Creates the empty libweir.so, so that libraries can join it in any order.
function(weir_begin_engine)
  add_library(weir SHARED)
  add_library(Weir::weir ALIAS weir)
  target_include_directories(weir PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                                         "$<INSTALL_INTERFACE:include>")
  target_compile_features(weir PUBLIC cxx_std_20)
  target_link_libraries(weir PRIVATE Threads::Threads)
  set_target_properties(weir PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  if(NOT WEIR_SANITIZE)
    # A missing definition fails here, not at the link of every test.
    target_link_options(weir PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# A shared library must have a source even while no layer exists.
function(weir_finish_engine)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/gen/weir_version.cc"
       CONTENT "extern const char kWeirVersion[];\nconst char kWeirVersion[] = \"@PROJECT_VERSION@\";\n" @ONLY)
  target_sources(weir PRIVATE "${PROJECT_BINARY_DIR}/gen/weir_version.cc")
endfunction()

# One folder's code. <name> is the folder's path with _ for /. Its objects join libweir.so; with OUTSIDE it becomes a
# static library of its own (for code whose heavy dependencies must not reach user programs).
#
# DEPENDS lists the folders it includes; tools/check_layers.py compares that with the includes and with layers.txt.
function(weir_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "OUTSIDE" "" "HEADERS;SOURCES;DEPENDS;LIBRARIES")
  weir_refuse_rest("weir_library(${name})" "${A_UNPARSED_ARGUMENTS}")
  foreach(file IN LISTS A_HEADERS A_SOURCES)
    if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
      message(FATAL_ERROR "weir_library(${name}) names ${file}, which is not in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()
  if(NOT A_SOURCES)
    add_custom_target(weir_${name} SOURCES ${A_HEADERS})
    return()
  endif()
  if(A_OUTSIDE)
    add_library(weir_${name} STATIC ${A_HEADERS} ${A_SOURCES})
    target_link_libraries(weir_${name} PUBLIC weir PRIVATE ${A_LIBRARIES})
  else()
    add_library(weir_${name} OBJECT ${A_HEADERS} ${A_SOURCES})
    target_link_libraries(weir_${name} PRIVATE ${A_LIBRARIES})
    target_sources(weir PRIVATE $<TARGET_OBJECTS:weir_${name}>)
    target_link_libraries(weir PRIVATE ${A_LIBRARIES})
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Not for tests: some prove what happens when a lock is used against its annotations.
    target_compile_options(weir_${name} PRIVATE -Werror=thread-safety)
  endif()
  weir_see_engine_headers(weir_${name})
  weir_layer_of_folder(src layer)
  weir_compile_engine_quickly(weir_${name} "${layer}")
endfunction()

# A program of the installed tree: bin/<name>. Its folder's own LIBRARIES are not repeated.
#   weir_program(<name> SOURCES main.cc LIBRARIES weir_jobmanager_daemon)
function(weir_program name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;LIBRARIES")
  weir_refuse_rest("weir_program(${name})" "${A_UNPARSED_ARGUMENTS}")
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE weir ${A_LIBRARIES})
  weir_see_engine_headers(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# Gives a target the engine's headers and the generated ones, and has those generated first.
function(weir_see_engine_headers target)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/gen")
  if(TARGET weir_proto_gen)
    add_dependencies(${target} weir_proto_gen)
  endif()
endfunction()

function(weir_refuse_rest call rest)
  if(rest)
    message(FATAL_ERROR "${call}: unknown arguments: ${rest}")
  endif()
endfunction()

# Compiles proto/weir/v1/<file>.proto. Protos import each other as "weir/v1/x.proto"; code includes "weir/v1/x.pb.h".
# The messages join libweir.so. With GRPC the service code goes into the static library weir_grpc_services, which only
# daemons and the CLI link. To be called from proto/CMakeLists.txt, any number of times.
function(weir_proto)
  cmake_parse_arguments(PARSE_ARGV 0 A "GRPC" "" "")
  foreach(proto IN LISTS A_UNPARSED_ARGUMENTS)
    set(source "${PROJECT_SOURCE_DIR}/proto/weir/v1/${proto}.proto")
    set(out "${PROJECT_BINARY_DIR}/gen/weir/v1/${proto}")
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/gen/weir/v1")
    add_custom_command(
      OUTPUT ${out}.pb.cc ${out}.pb.h
      COMMAND protobuf::protoc -I${PROJECT_SOURCE_DIR}/proto --cpp_out=${PROJECT_BINARY_DIR}/gen weir/v1/${proto}.proto
      DEPENDS ${source} VERBATIM)
    weir_add_generated(weir_proto OBJECT ${out}.pb.cc)
    if(A_GRPC)
      add_custom_command(
        OUTPUT ${out}.grpc.pb.cc ${out}.grpc.pb.h
        COMMAND protobuf::protoc -I${PROJECT_SOURCE_DIR}/proto --grpc_out=${PROJECT_BINARY_DIR}/gen
                --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> weir/v1/${proto}.proto
        DEPENDS ${source} VERBATIM)
      weir_add_generated(weir_grpc_services STATIC ${out}.grpc.pb.cc)
      target_link_libraries(weir_grpc_services PUBLIC weir gRPC::grpc++)
    endif()
  endforeach()
endfunction()

# Adds a generated source to a library of generated code, creating the library at its first call.
function(weir_add_generated target kind source)
  if(NOT TARGET weir_proto_gen)
    add_custom_target(weir_proto_gen)
  endif()
  if(NOT TARGET ${target})
    add_library(${target} ${kind})
    target_compile_options(${target} PRIVATE -w $<$<BOOL:${WEIR_QUICK}>:-O0>)  # not our code
    target_include_directories(${target} PUBLIC "${PROJECT_BINARY_DIR}/gen")
    target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
    if(kind STREQUAL "OBJECT")
      target_sources(weir PRIVATE $<TARGET_OBJECTS:${target}>)
      target_link_libraries(weir PRIVATE protobuf::libprotobuf)
    endif()
  endif()
  target_sources(${target} PRIVATE ${source})
  # A target of its own per file: weir_proto_gen must wait for the headers, not for their compilation.
  get_filename_component(file ${source} NAME)
  add_custom_target(gen_${file} DEPENDS ${source})
  add_dependencies(weir_proto_gen gen_${file})
  add_dependencies(${target} weir_proto_gen)
endfunction()

# One GoogleTest program and one ctest entry. Labels: unit (no threads, sleeps, ports), threads, simulation, e2e, golden.
# Each test also carries its layer as a label and is built by the targets tests_all and tests_<layer>. Without OPTIMIZED it is
# compiled at -O1 or -O0 (quick_compile.cmake): only the few programs that run for long are worth the compiler's time.
function(weir_test name)
  cmake_parse_arguments(PARSE_ARGV 1 A "OPTIMIZED" "TIMEOUT" "SOURCES;LABEL;LIBRARIES")
  weir_refuse_rest("weir_test(${name})" "${A_UNPARSED_ARGUMENTS}")
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE weir ${A_LIBRARIES} GTest::gtest_main GTest::gmock)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  weir_see_engine_headers(${name})
  weir_compile_test_quickly(${name} "${A_OPTIMIZED}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(NOT A_LABEL)
    set(A_LABEL unit)
  endif()
  weir_layer_of_folder(tests/unit layer)
  add_dependencies(tests_all ${name})
  if(layer)
    add_dependencies(tests_${layer} ${name})
  endif()
  weir_add_test_entry(${name} "${A_LABEL};${layer}" "${A_TIMEOUT}" $<TARGET_FILE:${name}>)
endfunction()

# Sets `result` to the layer that this folder belongs to (<root>/<layer>/..., with src or tests/unit for root), or to nothing.
function(weir_layer_of_folder root result)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}/${root}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX MATCH "^[a-z_]+" layer "${folder}")
  set(${result} "${layer}" PARENT_SCOPE)
endfunction()

# Targets that build test programs only: tests_all, and tests_<layer> for each layer (empty ones too, so that scripts
# can name them).
function(weir_begin_tests)
  add_custom_target(tests_all)
  foreach(layer IN LISTS WEIR_LAYERS)
    add_custom_target(tests_${layer})
  endforeach()
endfunction()

# One ctest entry for any command (a script, an example with its known answer).
#   weir_command_test(<name> COMMAND ... [LABEL e2e] [TIMEOUT 60])
function(weir_command_test name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "TIMEOUT" "COMMAND;LABEL")
  weir_refuse_rest("weir_command_test(${name})" "${A_UNPARSED_ARGUMENTS}")
  if(NOT A_LABEL)
    set(A_LABEL e2e)
  endif()
  weir_add_test_entry(${name} "${A_LABEL}" "${A_TIMEOUT}" ${A_COMMAND})
endfunction()

# Sanitizers cost up to ten times the time, so their limits are wider.
function(weir_add_test_entry name labels timeout)
  if(NOT timeout)
    set(timeout 60)
  endif()
  if(WEIR_SANITIZE)
    math(EXPR timeout "${timeout} * 5")
  endif()
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  # What may take longest starts first, else it runs alone at the end.
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} COST ${timeout})
endfunction()

# A library of test code (a harness, a fake server) that several test programs link.
function(weir_test_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "HEADERS;SOURCES;LIBRARIES")
  weir_refuse_rest("weir_test_library(${name})" "${A_UNPARSED_ARGUMENTS}")
  add_library(${name} STATIC ${A_HEADERS} ${A_SOURCES})
  target_link_libraries(${name} PUBLIC weir ${A_LIBRARIES})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  weir_see_engine_headers(${name})
endfunction()

# A benchmark program. Its target is benchmark_<name>, for some have the name of an example.
function(weir_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;LIBRARIES")
  weir_refuse_rest("weir_benchmark(${name})" "${A_UNPARSED_ARGUMENTS}")
  if(NOT A_SOURCES)
    set(A_SOURCES ${name}.cc)
  endif()
  add_executable(benchmark_${name} ${A_SOURCES})
  target_link_libraries(benchmark_${name} PRIVATE weir ${A_LIBRARIES})
  target_include_directories(benchmark_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  weir_see_engine_headers(benchmark_${name})
  set_target_properties(benchmark_${name} PROPERTIES OUTPUT_NAME ${name})
endfunction()

