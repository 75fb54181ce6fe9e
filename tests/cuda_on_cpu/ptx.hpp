// The host's side of kernels/ptx.cuh, which describes the fragments: a warp's tensor-core and copy
// instructions, done by plain loops when the last lane has come.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include <cuda_on_cpu/async_copy.hpp>
#include <cuda_on_cpu/intrinsics.hpp>
#include <cuda_on_cpu/tile_product.hpp>
#include <cuda_on_cpu/warp.hpp>

namespace glow::cuda_on_cpu {

#define GLOW_SITE_PARAMETERS const char *file = __builtin_FILE(), int line = __builtin_LINE()

struct MmaArgument {
  float* d;
  const unsigned* a;
  const unsigned* b;
};

inline float bf16_half(unsigned pair, int half) {
  return bits_as<float>(half == 0 ? pair << 16 : pair & 0xFFFF0000u);
}

/// A and B as the lanes hold them. An absent lane's numbers are NaN.
template <int K>
struct MmaOperands {
  float a[K][tile_rows];  // [k][row]
  float b[8][K];          // [column][k]

  static constexpr float missing = __builtin_nanf("");
};

/// d += A B.
template <int K>
void multiply(const MmaOperands<K>& m, Lanes<MmaArgument> lanes) {
  float sums[8][tile_rows] = {};
  multiply_tile<K>(m.a, m.b, 8, sums);
  for (int lane = 0; lane < 32; ++lane) {
    const MmaArgument* x = lanes[static_cast<unsigned>(lane)];
    if (x == nullptr) continue;
    for (int i = 0; i < 4; ++i) x->d[i] += sums[2 * (lane % 4) + i % 2][lane / 4 + 8 * (i / 2)];
  }
}

inline void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                              GLOW_SITE_PARAMETERS) {
  MmaArgument argument{d, a, b};
  warp_collective(0xFFFFFFFFu, argument,
                  [](Lanes<MmaArgument> lanes) {
                    using Operands = MmaOperands<16>;
                    Operands m;
                    for (int lane = 0; lane < 32; ++lane) {
                      const MmaArgument* x = lanes[static_cast<unsigned>(lane)];
                      const int g = lane / 4;
                      const int t = lane % 4;
                      for (int half = 0; half < 2; ++half) {
                        for (int i = 0; i < 4; ++i) {
                          m.a[2 * t + 8 * (i / 2) + half][g + 8 * (i % 2)] =
                              x != nullptr ? bf16_half(x->a[i], half) : Operands::missing;
                        }
                        for (int i = 0; i < 2; ++i) {
                          m.b[g][2 * t + 8 * i + half] =
                              x != nullptr ? bf16_half(x->b[i], half) : Operands::missing;
                        }
                      }
                    }
                    multiply(m, lanes);
                  },
                  {"mma_m16n8k16_bf16", file, line});
}

inline void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             GLOW_SITE_PARAMETERS) {
  MmaArgument argument{d, a, b};
  warp_collective(0xFFFFFFFFu, argument,
                  [](Lanes<MmaArgument> lanes) {
                    using Operands = MmaOperands<8>;
                    const auto number = [](unsigned bits) { return bits_as<float>(bits & 0xFFFFE000u); };
                    Operands m;
                    for (int lane = 0; lane < 32; ++lane) {
                      const MmaArgument* x = lanes[static_cast<unsigned>(lane)];
                      const int g = lane / 4;
                      const int t = lane % 4;
                      for (int i = 0; i < 4; ++i) {
                        m.a[t + 4 * (i / 2)][g + 8 * (i % 2)] =
                            x != nullptr ? number(x->a[i]) : Operands::missing;
                      }
                      for (int i = 0; i < 2; ++i)
                        m.b[g][t + 4 * i] = x != nullptr ? number(x->b[i]) : Operands::missing;
                    }
                    multiply(m, lanes);
                  },
                  {"mma_m16n8k8_tf32", file, line});
}

inline unsigned to_tf32(float x) {
  const auto bits = bits_as<unsigned>(x);
  return std::isfinite(x) ? (bits + 0x1000u) & 0xFFFFE000u : bits;
}

struct MatrixRow {
  uint4 row;
  unsigned r[4];
};

/// Each lane reads its row itself, so that a sanitizer sees who reads what.
template <bool transpose>
void load_matrices(unsigned (&r)[4], const void* shared_row, Site site) {
  if (reinterpret_cast<std::uintptr_t>(shared_row) % 16 != 0) {
    fail_thread(site.what, "the row is not aligned to 16 bytes");
  }
  MatrixRow argument{*static_cast<const uint4*>(shared_row), {}};
  warp_collective(
      0xFFFFFFFFu, argument,
      [](Lanes<MatrixRow> lanes) {
        const auto element = [&](unsigned matrix, unsigned row, unsigned column) -> unsigned {
          const MatrixRow* x = lanes[8 * matrix + row];
          if (x == nullptr) return 0xFFFFu;
          const unsigned words[4] = {x->row.x, x->row.y, x->row.z, x->row.w};
          return words[column / 2] >> 16 * (column % 2) & 0xFFFFu;
        };
        for (unsigned lane = 0; lane < 32; ++lane) {
          if (lanes[lane] == nullptr) continue;
          const unsigned g = lane / 4;
          const unsigned t = lane % 4;
          for (unsigned i = 0; i < 4; ++i) {
            const unsigned low = transpose ? element(i, 2 * t, g) : element(i, g, 2 * t);
            const unsigned high = transpose ? element(i, 2 * t + 1, g) : element(i, g, 2 * t + 1);
            lanes[lane]->r[i] = low | high << 16;
          }
        }
      },
      site);
  for (int i = 0; i < 4; ++i) r[i] = argument.r[i];
}

inline void ldmatrix_x4(unsigned (&r)[4], const void* shared_row, GLOW_SITE_PARAMETERS) {
  load_matrices<false>(r, shared_row, {"ldmatrix_x4", file, line});
}
inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* shared_row, GLOW_SITE_PARAMETERS) {
  load_matrices<true>(r, shared_row, {"ldmatrix_x4_trans", file, line});
}

inline void cp_async_16(void* shared, const void* global, bool valid) {
  if (reinterpret_cast<std::uintptr_t>(shared) % 16 != 0)
    fail_thread("cp_async_16", "the shared address is not aligned to 16 bytes");
  if (valid && reinterpret_cast<std::uintptr_t>(global) % 16 != 0) {
    fail_thread("cp_async_16", "the global address is not aligned to 16 bytes");
  }
  async_copy_16(shared, global, valid);
}
inline void cp_async_commit() { commit_async_copies(); }
template <int N>
void cp_async_wait() {
  await_async_copies(N);
}

#undef GLOW_SITE_PARAMETERS

}  // namespace glow::cuda_on_cpu
