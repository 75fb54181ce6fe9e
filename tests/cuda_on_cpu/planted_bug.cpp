// planted_bug NAME: runs the kernel with that bug. Exit status 1 if it gave wrong numbers or its launch
// failed.
#include <cstdio>
#include <cstring>
#include <utility>

#include <glow/core/error.hpp>

#include "planted.hpp"

using glow::test_kernels::Bug;

namespace {

constexpr std::pair<const char*, Bug> bugs[] = {
    {"none", Bug::none},
    {"no_barrier_in_reduction", Bug::no_barrier_in_reduction},
    {"no_barrier_after_load", Bug::no_barrier_after_load},
    {"no_trailing_barrier", Bug::no_trailing_barrier},
    {"no_wait_for_copy", Bug::no_wait_for_copy},
    {"copy_over_a_tile_in_use", Bug::copy_over_a_tile_in_use},
    {"race_between_blocks", Bug::race_between_blocks},
    {"race_without_fence", Bug::race_without_fence},
    {"shared_out_of_bounds", Bug::shared_out_of_bounds},
    {"dynamic_shared_out_of_bounds", Bug::dynamic_shared_out_of_bounds},
    {"global_out_of_bounds", Bug::global_out_of_bounds},
    {"misaligned_float4", Bug::misaligned_float4},
    {"misaligned_shared_float4", Bug::misaligned_shared_float4},
};

int run(const char* name) {
  if (std::strcmp(name, "host_reads_device_memory") == 0)
    return glow::cuda_on_cpu::read_device_memory() > 2.0f;
  for (const auto& [bug_name, bug] : bugs) {
    if (std::strcmp(name, bug_name) != 0) continue;
    const bool right = glow::cuda_on_cpu::is_right(bug);
    std::puts(right ? "right numbers" : "wrong numbers");
    return right ? 0 : 1;
  }
  std::fprintf(stderr, "planted_bug: no bug named %s\n", name);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "none");
  } catch (const glow::Error& e) {
    std::puts(e.what());
    return 1;
  }
}
