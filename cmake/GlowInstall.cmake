# Install the program where it is built, the headers, and a package file, so that find_package(glow) gives glow::glow, and find_package(glow COMPONENTS cuda)
# glow::cuda too where it was built, and with COMPONENTS mpi glow::mpi.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(glow_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/glow)
install(DIRECTORY include/glow DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS glow EXPORT glow_targets)
install(EXPORT glow_targets NAMESPACE glow:: DESTINATION ${glow_package_dir} FILE glowTargets.cmake)
if(TARGET glow_cuda)
  install(TARGETS glow_cuda EXPORT glow_cuda_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                     LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT glow_cuda_targets NAMESPACE glow:: DESTINATION ${glow_package_dir} FILE glowCudaTargets.cmake)
  install(FILES cmake/FindCUDNN.cmake DESTINATION ${glow_package_dir})
endif()
if(TARGET glow_program)
  install(TARGETS glow_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
configure_package_config_file(cmake/glowConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/glowConfig.cmake
                              INSTALL_DESTINATION ${glow_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/glowConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/glowConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/glowConfigVersion.cmake
              cmake/GlowBuildType.cmake
        DESTINATION ${glow_package_dir})
