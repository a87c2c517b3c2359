# What `cmake --install build/release --prefix <dir>` puts where: a tree that works wherever it is moved.
#
#   lib/libweir.so   lib/cmake/Weir/ (find_package)   include/weir/   conf/   bin/   log/   examples/   share/doc/weir/

include(CMakePackageConfigHelpers)

install(TARGETS weir EXPORT WeirTargets LIBRARY DESTINATION lib)
install(EXPORT WeirTargets NAMESPACE Weir:: DESTINATION lib/cmake/Weir)
configure_package_config_file(cmake/WeirConfig.cmake.in "${PROJECT_BINARY_DIR}/WeirConfig.cmake"
                              INSTALL_DESTINATION lib/cmake/Weir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/WeirConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/WeirConfig.cmake" "${PROJECT_BINARY_DIR}/WeirConfigVersion.cmake"
              cmake/weir_add_job.cmake
        DESTINATION lib/cmake/Weir)
install(DIRECTORY src/ DESTINATION include/weir FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE README.md DESTINATION share/doc/weir OPTIONAL)
foreach(folder conf bin)
  if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}")
    install(DIRECTORY ${folder}/ DESTINATION ${folder} USE_SOURCE_PERMISSIONS)
  endif()
endforeach()
install(DIRECTORY DESTINATION log)
# The examples as programs, and as the user's project that they are made from.
install(DIRECTORY examples/ DESTINATION examples USE_SOURCE_PERMISSIONS)
