// The host's side of kernels/wgmma.cuh: a thread computes its own part of a product when it waits for it, so
// what is read or overwritten before shows. Addresses of operands are made of their descriptors as the PTX
// ISA says ("Asynchronous warpgroup level matrix shared memory layout"), not as kernels/swizzle.cuh does.
#pragma once

#include <cmath>
#include <cstdint>

#include <cuda_on_cpu/intrinsics.hpp>
#include <cuda_on_cpu/warp.hpp>

namespace glow::cuda_on_cpu {

/// D [64, columns] += A B, begun and not waited for.
struct Wgmma {
  float* d;
  int columns;
  std::uint64_t a, b;
  int group;
};

// Of the calling thread. In waiting.cpp.
void begin_wgmma(const Wgmma& product);
void commit_wgmmas();
bool take_due_wgmma(int allowed, Wgmma* product);

/// An operand, rows of 16 k, by its descriptor.
class WgmmaOperand {
 public:
  explicit WgmmaOperand(std::uint64_t descriptor)
      : start_((descriptor & 0x3FFF) << 4),
        leading_((descriptor >> 16 & 0x3FFF) << 4),
        stride_((descriptor >> 32 & 0x3FFF) << 4),
        mode_(static_cast<unsigned>(descriptor >> 62)) {
    if ((descriptor >> 49 & 7) != 0) fail_thread("wgmma", "base offsets are not known here");
  }

  /// Element k = 0 ... 15 of a row. Eight rows are a core matrix of rows of 16 bytes, two of which lie side
  /// by side; in a swizzled layout rows are 128, 64 or 32 bytes apart, and of an address the bits from 4 on
  /// are those from 7 on xor-ed with them.
  float element(unsigned row, unsigned k) const {
    const std::uint64_t core = k / 8, within = k % 8 * 2;
    std::uint64_t address = start_ + row / 8 * stride_;
    if (mode_ == 0) {
      address += row % 8 * 16 + core * leading_;
    } else {
      const std::uint64_t row_bytes = std::uint64_t{256} >> mode_;
      address += row % 8 * row_bytes + core * 16;
      address ^= (address >> 7 & (row_bytes / 16 - 1)) << 4;
    }
    const auto* bits = static_cast<const std::uint16_t*>(shared_pointer(address + within, 2));
    return bits_as<float>(static_cast<unsigned>(*bits) << 16);
  }

 private:
  std::uint64_t start_, leading_, stride_;
  unsigned mode_;  // 0: none, 1: 128, 2: 64, 3: 32 bytes
};

/// The calling thread's part of a product.
inline void multiply(const Wgmma& x) {
  const WgmmaOperand a(x.a), b(x.b);
  const unsigned lane = lane_index(), t = lane % 4;
  const unsigned first_row = 16 * warp_in_group() + lane / 4;
  float left[2][16];
  for (unsigned k = 0; k < 16; ++k) {
    left[0][k] = a.element(first_row, k);
    left[1][k] = a.element(first_row + 8, k);
  }
  for (unsigned i = 0; i < static_cast<unsigned>(x.columns) / 2; i += 4) {
    for (unsigned j = 0; j < 2; ++j) {
      float sums[2] = {};
      for (unsigned k = 0; k < 16; ++k) {
        const float right = b.element(2 * i + 2 * t + j, k);
        sums[0] = std::fma(left[0][k], right, sums[0]);
        sums[1] = std::fma(left[1][k], right, sums[1]);
      }
      x.d[i + j] += sums[0];
      x.d[i + j + 2] += sums[1];
    }
  }
}

template <int N>
void wgmma_m64k16_bf16(float (&d)[N], std::uint64_t a, std::uint64_t b) {
  static_assert(N == 64 || N == 128);
  begin_wgmma({d, 2 * N, a, b, 0});
}
inline void wgmma_commit() { commit_wgmmas(); }
/// A warp's lanes come together, as .sync.aligned asks.
inline void wgmma_fence(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  ballot(0xFFFFFFFFu, false, {"wgmma_fence", file, line});
}
/// Here after they have all computed their parts.
template <int N>
void wgmma_wait(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  Wgmma product;
  while (take_due_wgmma(N, &product)) multiply(product);
  ballot(0xFFFFFFFFu, false, {"wgmma_wait", file, line});
}
template <int N>
void wgmma_pin(float (&)[N]) {}
template <int N>
void shrink_registers() {
  static_assert(N >= 24 && N <= 256 && N % 8 == 0);
}
template <int N>
void grow_registers() {
  static_assert(N >= 24 && N <= 256 && N % 8 == 0);
}

}  // namespace glow::cuda_on_cpu
