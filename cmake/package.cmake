# Packages of the installed tree: `cpack -B <folder>` in the build folder makes weir_<version>_<architecture>.deb and a .tar.gz.
#
# The .deb puts the tree, which works anywhere, into /opt/weir, and a link to its `weir` into /usr/bin. Symbols stay: crash reports name lines by them.

set(CPACK_PACKAGE_NAME weir)
set(CPACK_PACKAGE_CONTACT "The Weir maintainers")
set(CPACK_PACKAGE_VENDOR "Weir")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/package_options.cmake")

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
# What the programs need is read from them (dpkg-shlibdeps, of Debian's dpkg-dev); libweir.so is in the package.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
# start-cluster.sh starts TaskManagers of other hosts; jobs of one's own need a compiler.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssh-client, g++, cmake")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${PROJECT_SOURCE_DIR}/cmake/debian/conffiles" "${PROJECT_SOURCE_DIR}/cmake/debian/postinst"
    "${PROJECT_SOURCE_DIR}/cmake/debian/prerm")

include(CPack)
