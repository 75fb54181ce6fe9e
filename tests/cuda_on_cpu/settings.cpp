#include "settings.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "limits.hpp"

namespace glow::cuda_on_cpu {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <class T>
void read_number(const char* name, T& number) {
  if (const auto text = variable(name); !text.empty())
    number = static_cast<T>(std::stoull(std::string(text)));
}

Settings from_environment() {
  Settings s;
  const std::string_view order = variable("GLOW_EMULATION_ORDER");
  if (order == "reverse") {
    s.order = Order::reverse;
  } else if (order.starts_with("random")) {
    s.order = Order::random;
    if (order.size() > 7) s.seed = std::stoull(std::string(order.substr(7)));
  } else if (!order.empty() && order != "forward") {
    throw std::invalid_argument("GLOW_EMULATION_ORDER is forward, reverse, random or random:SEED");
  }
  s.lazy_streams = variable("GLOW_EMULATION_LAZY") == "1";
  s.guard_memory = variable("GLOW_EMULATION_GUARD") != "0";
  read_number("GLOW_EMULATION_DEVICES", s.devices);
  read_number("GLOW_EMULATION_MEMORY", s.memory);
  read_number("GLOW_EMULATION_CAPABILITY", s.capability);
  read_number("GLOW_EMULATION_FAIL_LAUNCH", s.launch_that_fails);
  s.nccl_fault = variable("GLOW_EMULATION_NCCL");
  s.kernels_file = variable("GLOW_EMULATION_KERNELS");
  return s;
}

}  // namespace

std::size_t max_shared() {
  const int capability = settings().capability;
  if (capability == 80 || capability == 87) return 163 * 1024;
  return (capability / 10 == 8 || capability / 10 == 12 ? 99 : 227) * 1024;
}

Settings& settings() {
  static Settings& s = *new Settings(from_environment());
  return s;
}

}  // namespace glow::cuda_on_cpu
