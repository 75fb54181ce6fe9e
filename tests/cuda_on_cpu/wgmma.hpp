// The host's side of kernels/wgmma.cuh. A warp computes its 16 rows of a product when it waits for it, so
// what is read before shows; its operands are read twice, when its first lane issues the product and when it
// waits, so what is written in between shows, too. Addresses of operands are made of their descriptors as
// the PTX ISA says ("Asynchronous warpgroup level matrix shared memory layout"), not as kernels/swizzle.cuh
// does.
#pragma once

#include <cstdint>

#include <cuda_on_cpu/scheduler.hpp>

namespace glow::cuda_on_cpu {

/// D [64, columns] += A B, begun by a thread and not waited for.
struct Wgmma {
  float* d;
  int columns;
  std::uint64_t a, b;
  std::uint64_t number;  // of the product, in its warp
  int group;
};

/// An operand, rows of 16 k, by its descriptor.
class WgmmaOperand {
 public:
  explicit WgmmaOperand(std::uint64_t descriptor)
      : start_((descriptor & 0x3FFF) << 4),
        leading_((descriptor >> 16 & 0x3FFF) << 4),
        stride_((descriptor >> 32 & 0x3FFF) << 4),
        mode_(static_cast<unsigned>(descriptor >> 62)) {}

  /// The address of eight k of a row, 16 bytes: of the first eight for half = 0. Eight rows are a core matrix
  /// of rows of 16 bytes, two of which lie side by side; in a swizzled layout rows are 128, 64 or 32 bytes
  /// apart, and of an address the bits from 4 on are those from 7 on xor-ed with them.
  std::uint64_t address(unsigned row, unsigned half) const {
    std::uint64_t address = start_ + row / 8 * stride_;
    if (mode_ == 0) return address + row % 8 * 16 + half * leading_;
    const std::uint64_t row_bytes = std::uint64_t{256} >> mode_;
    address += row % 8 * row_bytes + half * 16;
    return address ^ (address >> 7 & (row_bytes / 16 - 1)) << 4;
  }

  /// Why a descriptor cannot be right, or null.
  static const char* fault(std::uint64_t descriptor) {
    constexpr std::uint64_t reserved = 0x3FF1C000C000C000u;  // bits 14, 15, 30, 31, 46 to 48, 52 to 61
    if ((descriptor & reserved) != 0) return "reserved bits of a descriptor are set";
    if ((descriptor >> 49 & 7) != 0) return "a descriptor has a base offset, which is not known here";
    return nullptr;
  }

 private:
  std::uint64_t start_, leading_, stride_;
  unsigned mode_;  // 0: none, 1: 128, 2: 64, 3: 32 bytes
};

// Of the calling thread. In warpgroup.cpp.
void begin_wgmma(const Wgmma& product, Site site);
void commit_wgmmas();
void fence_wgmma();

/// The calling warp waits until at most the `allowed` newest groups of its products are open. In wgmma.cpp.
void await_wgmmas(int allowed, Site site);

/// The registers of each thread of the calling warpgroup become `registers`: fewer, or more once as many are
/// free. In warpgroup.cpp.
void set_registers(unsigned registers, bool grow, Site site);

#define GLOW_SITE_PARAMETERS const char *file = __builtin_FILE(), int line = __builtin_LINE()

template <int N>
void wgmma_m64k16_bf16(float (&d)[N], std::uint64_t a, std::uint64_t b, GLOW_SITE_PARAMETERS) {
  static_assert(N == 64 || N == 128);
  begin_wgmma({d, 2 * N, a, b, 0, 0}, {"wgmma_m64k16_bf16", file, line});
}
inline void wgmma_commit() { commit_wgmmas(); }
inline void wgmma_fence() { fence_wgmma(); }
template <int N>
void wgmma_wait(GLOW_SITE_PARAMETERS) {
  await_wgmmas(N, {"wgmma_wait", file, line});
}
template <int N>
void wgmma_pin(float (&)[N]) {}

template <int N>
void shrink_registers(GLOW_SITE_PARAMETERS) {
  static_assert(N >= 24 && N <= 256 && N % 8 == 0);
  set_registers(N, false, {"shrink_registers", file, line});
}
template <int N>
void grow_registers(GLOW_SITE_PARAMETERS) {
  static_assert(N >= 24 && N <= 256 && N % 8 == 0);
  set_registers(N, true, {"grow_registers", file, line});
}

#undef GLOW_SITE_PARAMETERS

}  // namespace glow::cuda_on_cpu
