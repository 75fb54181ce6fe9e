# An overlay port: it builds the source tree that it lies in (vcpkg install glow --overlay-ports=packaging/vcpkg).
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release)  # headers alone
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DGLOW_BUILD_BENCHMARKS=OFF
        -DGLOW_BUILD_EXAMPLES=OFF
        -DGLOW_BUILD_RUNTIME=OFF
        -DGLOW_BUILD_TESTS=OFF
        -DGLOW_CUDA=OFF
        -DGLOW_EIGEN=OFF
        -DGLOW_MPI=OFF
        -DGLOW_NATIVE=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/glow)
vcpkg_fixup_pkgconfig()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
