// What a launcher of MPI tells a process before MPI is started, or where there is none.
#pragma once

#include <cstdlib>
#include <string>

namespace glow::app {

/// The number of processes that mpirun or srun started together, as they say it; "1" where none did.
inline std::string processes_launched() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    if (const char* const size = std::getenv(name)) return size;
  }
  return "1";
}

}  // namespace glow::app
