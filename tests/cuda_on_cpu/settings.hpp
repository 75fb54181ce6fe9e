// What tests choose about the emulation: by environment variable, or here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace glow::cuda_on_cpu {

enum class Order { forward, reverse, random };

struct Settings {
  Order order =
      Order::forward;  // GLOW_EMULATION_ORDER=forward | reverse | random | random:SEED: of blocks and threads
  std::uint64_t seed = 1;     //
  bool lazy_streams = false;  // GLOW_EMULATION_LAZY=1: a stream's work waits for a synchronisation
  int devices = 1;            // GLOW_EMULATION_DEVICES=0: GPUs, all alike; 0: a machine without one
  std::size_t memory = std::size_t{16} << 30;  // GLOW_EMULATION_MEMORY=BYTES: then cudaErrorMemoryAllocation
  int capability = 90;                         // GLOW_EMULATION_CAPABILITY=80: compute capability, times ten
  int launch_that_fails = 0;  // GLOW_EMULATION_FAIL_LAUNCH=N: the Nth from now (1: the next) fails
  bool guard_memory = true;   // GLOW_EMULATION_GUARD=0: no poison on device memory (ASan only)
  std::string nccl_fault;  // GLOW_EMULATION_NCCL=silent:1:9 | error:1:9: of rank 1 in its 9th group of calls
  std::string kernels_file;  // GLOW_EMULATION_KERNELS=FILE: at exit, where the kernels that were launched lie
};

/// The settings in force, at first those of the environment. Change them only while no work is queued.
Settings& settings();

/// What the last failed launch printed; empty if none failed since the last `reset_device`.
const std::string& last_report();

/// Forgets a failed launch, which else every later call reports, as a real device does. Queued work is
/// dropped.
void reset_device();

/// Number of kernel launches, of those of one name, and of bytes allocated on the device now.
std::uint64_t launches();
std::uint64_t launches(const std::string& what);
std::size_t bytes_in_use();

/// Copies from device memory to device memory, queued or recorded so far.
struct Copies {
  std::uint64_t count = 0, bytes = 0;
};
Copies copies_on_device();

/// Settings for a scope.
class WithSettings {
 public:
  explicit WithSettings(const Settings& s) : before_(settings()) { settings() = s; }
  ~WithSettings() { settings() = before_; }
  WithSettings(const WithSettings&) = delete;
  WithSettings& operator=(const WithSettings&) = delete;

 private:
  Settings before_;
};

}  // namespace glow::cuda_on_cpu
