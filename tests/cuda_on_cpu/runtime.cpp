// Errors of the fake runtime, and the launch of kernels.
#include "runtime.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "launch.hpp"
#include "launched_kernels.hpp"
#include "limits.hpp"
#include "memory.hpp"
#include "scheduler.hpp"
#include "settings.hpp"
#include "stream.hpp"

namespace glow::cuda_on_cpu {

namespace {

struct Runtime {
  cudaError_t last_error = cudaSuccess;
  cudaError_t broken = cudaSuccess;
  std::string report;
  std::map<std::string, std::uint64_t> launches;      // by name
  std::map<const void*, std::size_t> allowed_shared;  // by cudaFuncSetAttribute
};

Runtime& runtime() {
  static Runtime& r = *new Runtime;
  return r;
}

// Blocks of a cluster, along x, which is the only way here; 0 for what cannot be.
unsigned cluster_of(const cudaLaunchConfig_t& c) {
  unsigned blocks = 1;
  for (unsigned i = 0; i < c.numAttrs; ++i) {
    if (c.attrs[i].id != cudaLaunchAttributeClusterDimension) return 0;
    const auto& d = c.attrs[i].val.clusterDim;
    if (settings().capability < 90 || d.x == 0 || d.x > max_cluster || d.y != 1 || d.z != 1) return 0;
    blocks = d.x;
  }
  const unsigned threads = c.blockDim.x * c.blockDim.y * c.blockDim.z;
  const bool whole_warps = threads % 32 == 0 && blocks * threads <= max_threads;
  return c.gridDim.x % blocks == 0 && (blocks == 1 || whole_warps) ? blocks : 0;
}

bool is_possible(const cudaLaunchConfig_t& c) {
  const dim3 b = c.blockDim;
  const dim3 g = c.gridDim;
  const bool nonzero = b.x > 0 && b.y > 0 && b.z > 0 && g.x > 0 && g.y > 0 && g.z > 0;
  return nonzero && b.x <= max_threads && b.y <= max_threads && b.z <= max_block_z &&
         std::size_t{b.x} * b.y * b.z <= max_threads && g.x <= 0x7FFFFFFFu && g.y <= max_grid_yz &&
         g.z <= max_grid_yz;
}

}  // namespace

std::recursive_mutex& runtime_mutex() {
  static auto& m = *new std::recursive_mutex;
  return m;
}

cudaError_t note(cudaError_t error) {
  if (error != cudaSuccess) runtime().last_error = error;
  return error;
}

void break_device(cudaError_t error, const std::string& report) {
  runtime().broken = error;
  runtime().report = report;
  std::fprintf(stderr, "%s\n", report.c_str());
}

cudaError_t device_state() {
  if (settings().devices == 0) return cudaErrorNoDevice;
  return runtime().broken;
}

void complain(const std::string& message) { std::fprintf(stderr, "cuda_on_cpu: %s\n", message.c_str()); }

const std::string& last_report() { return runtime().report; }

void reset_device() {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  drop_all_work();
  runtime().last_error = runtime().broken = cudaSuccess;
  runtime().report.clear();
}

std::uint64_t launches() {
  std::uint64_t sum = 0;
  for (const auto& [what, count] : runtime().launches) sum += count;
  return sum;
}

std::uint64_t launches(const std::string& what) { return runtime().launches[what]; }

cudaError_t check_pointer(const char* what, const void* p) {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  if (p == nullptr || is_reachable(p, 0)) return cudaSuccess;
  complain(std::string(what) + ": an argument points to no memory of the device");
  return note(cudaErrorInvalidValue);
}

cudaError_t launch(Launch launch) {
  GLOW_RUNTIME_CALL();
  if (!is_possible(launch.config)) return note(cudaErrorInvalidConfiguration);
  const unsigned cluster = cluster_of(launch.config);
  if (cluster == 0) {
    complain(std::string(launch.what) + ": such clusters are not known here");
    return note(cudaErrorInvalidClusterSize);
  }
  const auto allowed = runtime().allowed_shared.find(launch.kernel);
  const std::size_t shared = launch.config.dynamicSmemBytes;
  if (shared > (allowed == runtime().allowed_shared.end() ? max_static_shared : allowed->second)) {
    complain(std::string(launch.what) + ": more dynamic shared memory than cudaFuncSetAttribute allowed");
    return note(cudaErrorInvalidValue);
  }
  ++runtime().launches[launch.what];
  if (!settings().kernels_file.empty()) note_kernel(launch.kernel);
  if (settings().launch_that_fails > 0 && --settings().launch_that_fails == 0) {
    break_device(cudaErrorLaunchFailure,
                 std::string("cuda_on_cpu: ") + launch.what + ": a failure that was asked for");
    return note(cudaErrorLaunchFailure);
  }
  const cudaStream_t stream = launch.config.stream;
  const std::size_t asked = allowed == runtime().allowed_shared.end() ? 0 : allowed->second;
  return enqueue(stream, [launch = std::move(launch), cluster, asked] {
    Grid grid;
    grid.what = launch.what;
    grid.grid = launch.config.gridDim;
    grid.block = launch.config.blockDim;
    grid.cluster = cluster;
    grid.dynamic_shared = launch.config.dynamicSmemBytes;
    grid.allowed_dynamic = asked;
    grid.body = launch.body;
    grid.arguments = launch.arguments.get();
    const std::string report = run_grid(grid);
    if (!report.empty()) break_device(cudaErrorLaunchFailure, report);
  });
}

}  // namespace glow::cuda_on_cpu

using namespace glow::cuda_on_cpu;

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  GLOW_RUNTIME_CALL();
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
      static_cast<std::size_t>(value) > max_shared()) {
    return note(cudaErrorInvalidValue);
  }
  runtime().allowed_shared[kernel] = static_cast<std::size_t>(value);
  return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
  GLOW_RUNTIME_CALL();
  *attributes = cudaFuncAttributes{};
  attributes->maxThreadsPerBlock = static_cast<int>(max_threads);
  attributes->numRegs = 32;
  attributes->ptxVersion = attributes->binaryVersion = 90;
  const auto allowed = runtime().allowed_shared.find(kernel);
  attributes->maxDynamicSharedSizeBytes =
      static_cast<int>(allowed == runtime().allowed_shared.end() ? max_static_shared : allowed->second);
  return cudaSuccess;
}

// By threads and dynamic shared memory only: registers are not known.
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int threads,
                                                          size_t shared) {
  GLOW_RUNTIME_CALL();
  if (threads <= 0 || threads > static_cast<int>(max_threads) || shared > max_shared()) {
    return note(cudaErrorInvalidValue);
  }
  const std::size_t by_threads = 2048 / static_cast<std::size_t>((threads + 31) / 32 * 32);
  const std::size_t by_shared =
      (max_shared() + 1024) / (shared + 1024);  // the system keeps 1 KiB of each block's
  *blocks = static_cast<int>(std::min({by_threads, by_shared, std::size_t{32}}));
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  const cudaError_t broken = device_state();
  return broken != cudaSuccess ? broken : std::exchange(runtime().last_error, cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  const cudaError_t broken = device_state();
  return broken != cudaSuccess ? broken : runtime().last_error;
}
