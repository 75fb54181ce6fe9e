# glow::mpi: what a program needs that trains on ranks of MPI (glow/ranks/mpi.hpp). A project that adds glow as a subdirectory asks
# for it.
set(GLOW_MPI ${glow_part_of_top_level} CACHE STRING "Training on several processes by MPI: AUTO takes it where it is found, ON demands it, OFF leaves it out")
glow_optional_part(GLOW_MPI)

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
