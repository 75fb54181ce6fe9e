// Matrix products on the CPU, on one thread, for operands that fit a cache; right operands are packed ahead
// of time (ops/cpu/pack.hpp). What is computed is told by Product (ops/cpu/product.hpp).
#pragma once

#include <glow/ops/cpu/pack.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Numbers that ops may read or write past an array's end where they say so: a vector of any CPU.
inline constexpr Index slack = 64;

/// C = A B and what `finish` makes of it, on the calling thread.
template <class In, class Out>
void gemm(const Product<In, Out>& p) {
  with_isa<In>([&]<class I>(I) { I::gemm(p); });
}

}  // namespace glow::ops
