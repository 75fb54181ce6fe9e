// Ranks of a program that was built without MPI.
#include <cstdlib>
#include <string_view>

#include "ranks/launcher.hpp"

namespace glow::app {

AnyRanks ranks_of_launcher() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* const size = std::getenv(name);
    require(
        size == nullptr || std::string_view(size) == "1", "a launcher started ", size == nullptr ? "" : size,
        " processes, which this glow cannot join in one training: it was built without MPI; build it with "
        "-DGLOW_MPI=ON");
  }
  return {};
}

}  // namespace glow::app
