# cpack reads this before it makes packages.
if(CPACK_GLOW_NATIVE)
  message(FATAL_ERROR "This build is for the processor of this machine alone (GLOW_NATIVE=ON). Packages are made of a build with "
                      "-DGLOW_NATIVE=OFF, as that of `cmake --preset package`.")
endif()
