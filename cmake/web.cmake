# The web UI: share/weir/web of the build tree and of an installation, beside the lib/ of libweir.so, which is where it is looked for.
#
# Needs npm and, the first time, its registry. Without them the build says so and the REST API says how to get the UI. What the UI weighs is
# checked by the same script.

option(WEIR_WEB "Build the web UI" ON)
find_program(WEIR_PYTHON python3)
if(NOT WEIR_WEB OR NOT WEIR_PYTHON)
  return()
endif()

set(web_folder "${PROJECT_BINARY_DIR}/share/weir/web")
set(web_stamp "${PROJECT_BINARY_DIR}/web.stamp")
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/web/src/*" "${PROJECT_SOURCE_DIR}/web/public/*")
foreach(file index.html package-lock.json package.json tsconfig.json vite.config.ts)
  list(APPEND web_sources "${PROJECT_SOURCE_DIR}/web/${file}")
endforeach()

add_custom_command(OUTPUT "${web_stamp}"
  COMMAND "${WEIR_PYTHON}" -B tools/build_web.py "${web_folder}"
  COMMAND ${CMAKE_COMMAND} -E touch "${web_stamp}"
  DEPENDS ${web_sources} "${PROJECT_SOURCE_DIR}/tools/build_web.py"
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  COMMENT "Building the web UI"
  VERBATIM)
add_custom_target(web ALL DEPENDS "${web_stamp}")
install(DIRECTORY "${web_folder}/" DESTINATION share/weir/web OPTIONAL)
