// The ranks that the program was started as: with_mpi.cpp or without_mpi.cpp is built, as CMake's GLOW_MPI
// says.
#pragma once

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// All processes that a launcher such as mpirun or torchrun started together; one rank where none did. It is
/// the same at every call. Throws Error where a launcher started several, and the program was built without
/// MPI, or without NCCL for torchrun; else what making Mpi or Nccl throws.
AnyRanks ranks_of_launcher();

}  // namespace glow::app
