# Everything that the engine takes from the system, all of it in Debian 12 (tools/install_packages.sh).
#
# Use in LIBRARIES of weir_library:
#   fmt::fmt spdlog::spdlog yaml-cpp protobuf::libprotobuf ZLIB::ZLIB RocksDB::rocksdb-shared gRPC::grpc++ OpenSSL::Crypto
#   PkgConfig::xxhash PkgConfig::zstd PkgConfig::lz4 PkgConfig::httplib nlohmann_json::nlohmann_json

set(CMAKE_THREAD_PREFER_PTHREAD ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(gRPC CONFIG REQUIRED)

# The prefix keeps pkg-config's cache variables away from those of RocksDB's own find modules (lz4_INCLUDE_DIRS), which
# otherwise break the second configure run.
function(weir_find_pkg name module)
  pkg_check_modules(weir_pkg_${name} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${module})
  add_library(PkgConfig::${name} ALIAS PkgConfig::weir_pkg_${name})
endfunction()
weir_find_pkg(xxhash libxxhash)
weir_find_pkg(zstd libzstd)
weir_find_pkg(lz4 liblz4)
weir_find_pkg(httplib cpp-httplib)
if(WEIR_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
