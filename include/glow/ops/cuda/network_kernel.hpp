// The two kernels of the fused coupling network: which of them runs, and the layouts that each takes its
// weights in (ops/panels.hpp).
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <glow/ops/cuda/network_rows.hpp>
#include <glow/ops/kernels/coupling_network.hpp>
#include <glow/ops/kernels/network_pack.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Of the current device. Where there is none, of the GPU that memory is told for, an H100.
inline int device_attribute(cudaDeviceAttr attribute) {
  int device = 0, value = 0;
  if (const cudaError_t status = cudaGetDevice(&device); status != cudaSuccess) {
    cudaGetLastError();
    if (attribute == cudaDevAttrComputeCapabilityMajor) return 9;
    if (attribute == cudaDevAttrMultiProcessorCount) return 132;
    cuda::check(status, "asking for the device");
  }
  cuda::check(cudaDeviceGetAttribute(&value, attribute, device), "asking for the device's properties");
  return value;
}

/// The kernel for the current device: wgmma on compute capability 9.0, which alone has it, mma.sync on all
/// others. GLOW_NETWORK_KERNEL=wgmma or mma_sync in the environment overrides that; it must not change while
/// there are packed weights. Throws Error for any other word, and for wgmma where there is none.
inline kernels::NetworkKernel network_kernel() {
  using kernels::NetworkKernel;
  const int major = device_attribute(cudaDevAttrComputeCapabilityMajor);
  const NetworkKernel best = major == 9 ? NetworkKernel::wgmma : NetworkKernel::mma;
  const char* const asked = std::getenv("GLOW_NETWORK_KERNEL");
  if (asked == nullptr) return best;
  const std::string_view word = asked;
  require(word == "wgmma" || word == "mma_sync", "GLOW_NETWORK_KERNEL: '", word,
          "' is neither wgmma nor mma_sync");
  require(word == "mma_sync" || best == NetworkKernel::wgmma,
          "GLOW_NETWORK_KERNEL: wgmma needs a GPU of compute capability 9.0; this one has ", major, ".",
          device_attribute(cudaDevAttrComputeCapabilityMinor), ", for which there is mma_sync");
  return word == "wgmma" ? NetworkKernel::wgmma : NetworkKernel::mma;
}

/// Whether either kernel takes a network of c inputs, w hidden units and o outputs.
constexpr bool network_kernel_fits(Index c, Index w, Index o) {
  return std::max({taps * c, w, taps * o}) <= widest_panel;
}

/// to = the matrix of a kernel, or its transpose, as operand [k, n] from or to a layer of `width`.
inline void pack_network_operand(kernels::NetworkKernel by, View<const float, Cuda> kernel,
                                 kernels::KernelShape shape, bool transposed, Index k, Index n, Index width,
                                 float* to) {
  auto* bf16 = reinterpret_cast<__nv_bfloat16*>(to);
  if (by == kernels::NetworkKernel::wgmma) {
    const Index panel = block_panel_columns(n, width);
    kernels::launch_pack_blocks(kernel.data(), shape, transposed, block_count(k), round_up(n, panel), panel,
                                bf16, cuda::stream());
  } else {
    const Index panel = last_panel_columns(n, width);
    kernels::launch_pack_panels(kernel.data(), shape, transposed, panel_steps(k), round_up(n, panel), panel,
                                bf16, cuda::stream());
  }
}

/// A pass by the kernel that the weights were packed for.
inline void run_network_pass(kernels::NetworkPass pass, const kernels::NetworkOperands& operands) {
  if (network_kernel() == kernels::NetworkKernel::wgmma) {
    kernels::launch_network_pass_sm90a(pass, operands, cuda::stream());
  } else {
    kernels::launch_network_pass(pass, operands, cuda::stream());
  }
}

}  // namespace glow::ops::detail
