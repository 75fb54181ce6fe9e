# glow::eigen: what a program needs that takes tensors as Eigen's matrices (glow/eigen.hpp); nothing else of glow needs Eigen. A
# project that adds glow as a subdirectory asks for it.
set(GLOW_EIGEN ${glow_part_of_top_level} CACHE STRING "Tensors as Eigen's matrices: AUTO offers it where Eigen is found, ON demands it, OFF leaves it out")
glow_optional_part(GLOW_EIGEN)

if(NOT GLOW_EIGEN STREQUAL "OFF")
  find_package(Eigen3 3.3 QUIET NO_MODULE)
  if(TARGET Eigen3::Eigen)
    message(STATUS "Tensors as matrices of Eigen ${Eigen3_VERSION}")
    add_library(glow_eigen INTERFACE)
    add_library(glow::eigen ALIAS glow_eigen)
    target_link_libraries(glow_eigen INTERFACE glow::glow Eigen3::Eigen)
  elseif(GLOW_EIGEN STREQUAL "ON")
    message(FATAL_ERROR "GLOW_EIGEN=ON needs Eigen 3.3 or newer, which was not found; on Debian and Ubuntu it is libeigen3-dev. "
                        "Use -DGLOW_EIGEN=OFF to do without.")
  else()
    message(STATUS "glow::eigen is left out: Eigen was not found (Debian: libeigen3-dev)")
  endif()
endif()
