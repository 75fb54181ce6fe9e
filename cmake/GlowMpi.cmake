# glow::mpi: what a program needs that trains on ranks of MPI (glow/ranks/mpi.hpp). A project that adds glow as a subdirectory asks
# for it.
set(default OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(default AUTO)
endif()
set(GLOW_MPI ${default} CACHE STRING "Training on several processes by MPI: AUTO takes it where it is found, ON demands it, OFF leaves it out")
set_property(CACHE GLOW_MPI PROPERTY STRINGS AUTO ON OFF)
if(NOT GLOW_MPI MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "GLOW_MPI is ${GLOW_MPI}; it must be AUTO, ON or OFF")
endif()

if(NOT GLOW_MPI STREQUAL "OFF")
  # Of MPI the C interface alone is used; the C++ compiler finds it as well.
  set(MPI_CXX_SKIP_MPICXX TRUE)
  find_package(MPI QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND)
    message(STATUS "Training on several processes by MPI ${MPI_CXX_VERSION} (${MPI_CXX_LIBRARIES})")
    add_library(glow_mpi INTERFACE)
    add_library(glow::mpi ALIAS glow_mpi)
    target_link_libraries(glow_mpi INTERFACE glow::glow MPI::MPI_CXX)
  elseif(GLOW_MPI STREQUAL "ON")
    message(FATAL_ERROR "GLOW_MPI=ON needs an MPI library with its headers, which was not found; on Debian and Ubuntu it is "
                        "libopenmpi-dev. Use -DGLOW_MPI=OFF to do without.")
  else()
    message(STATUS "Training on one process: MPI was not found")
  endif()
endif()
