#include "launched_kernels.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <set>

#include "settings.hpp"

extern "C" void glow_emulation_origin();
extern "C" void glow_emulation_origin() {}

namespace glow::cuda_on_cpu {

namespace {

std::set<const void*>& kernels() {
  static auto& launched = *new std::set<const void*>;
  return launched;
}

void write_kernels() {
  std::ofstream file(settings().kernels_file);
  const auto origin = reinterpret_cast<std::intptr_t>(&glow_emulation_origin);
  for (const void* kernel : kernels()) file << reinterpret_cast<std::intptr_t>(kernel) - origin << '\n';
}

}  // namespace

void note_kernel(const void* kernel) {
  if (kernels().empty()) std::atexit(write_kernels);
  kernels().insert(kernel);
}

}  // namespace glow::cuda_on_cpu
