# Installs the headers, what is compiled of the library and the program where they are built, and the files by which CMake and
# pkg-config find the library. find_package(glow) gives glow::glow; its components are those of glowConfig.cmake.in. For those who
# install parts: component glow_program is the program, glow_c the shared library of the C API, glow_development all else.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME glow_development)
set(glow_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/glow)
install(DIRECTORY include/glow DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS glow EXPORT glow_targets)
install(EXPORT glow_targets NAMESPACE glow:: DESTINATION ${glow_package_dir} FILE glowTargets.cmake)

# glow_install_compiled(TARGET FILE [OPTION ...]): a library that find_package(glow) gives as a component, by the targets in FILE.
# OPTION: of install(), for a shared one.
function(glow_install_compiled target file)
  install(TARGETS ${target} EXPORT ${target}_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                     LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ${ARGN})
  install(EXPORT ${target}_targets NAMESPACE glow:: DESTINATION ${glow_package_dir} FILE ${file})
endfunction()
# glow_install_pc(NAME FOLDER): NAME.pc, by places relative to its own, so that an installed tree may be moved.
function(glow_install_pc name folder)
  file(RELATIVE_PATH prefix_from_here /${folder} /)
  string(REGEX REPLACE "/$" "" prefix_from_here ${prefix_from_here})
  configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${folder})
endfunction()
glow_install_pc(glow ${CMAKE_INSTALL_DATADIR}/pkgconfig)

if(TARGET glow_cuda)
  glow_install_compiled(glow_cuda glowCudaTargets.cmake)
  install(FILES cmake/FindCUDNN.cmake DESTINATION ${glow_package_dir})
endif()
if(TARGET glow_runtime)
  glow_install_compiled(glow_runtime glowRuntimeTargets.cmake)
endif()
if(TARGET glow_c)
  glow_install_compiled(glow_c glowCTargets.cmake COMPONENT glow_c NAMELINK_COMPONENT glow_development)
  install(FILES bindings/c/glow.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/glow)
  glow_install_pc(glow-c ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
if(TARGET glow_program)
  install(TARGETS glow_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT glow_program)
endif()

configure_package_config_file(cmake/glowConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/glowConfig.cmake
                              INSTALL_DESTINATION ${glow_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/glowConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/glowConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/glowConfigVersion.cmake
              cmake/GlowBuildType.cmake
        DESTINATION ${glow_package_dir})
