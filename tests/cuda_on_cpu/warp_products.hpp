// The products by wgmma that a warp has issued and not waited for, for wgmma.cpp.
#pragma once

#include <cstdint>

#include <cuda_on_cpu/scheduler.hpp>
#include <vector_types.h>

namespace glow::cuda_on_cpu {

inline constexpr int most_columns = 256;
inline constexpr unsigned most_open_products = 64;  // of a warp

/// A product as a warp's first lane issued it, with the bits of the operands at that time: the warp's 16 rows
/// of A, all rows of B, two times eight k each.
struct IssuedProduct {
  std::uint64_t cluster;  // that runs
  std::uint64_t number;   // in its warp, from 1 on
  std::uint64_t a, b;
  int columns;
  uint4 left[16][2];
  uint4 right[most_columns][2];
};

/// Of the calling warp, one of the newest most_open_products.
const IssuedProduct& issued_product(std::uint64_t number);

/// A product that all lanes of a warp have issued, and where each of them has its sums.
struct WarpProduct {
  std::uint64_t number;
  float* d[32];
};

/// Takes the calling warp's next product that is due when only the `allowed` newest groups may stay open.
/// Fails where lanes differ in what is due.
bool take_due_products(int allowed, WarpProduct* product, Site site);

}  // namespace glow::cuda_on_cpu
