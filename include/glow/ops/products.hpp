// Products of the tape, y[o] = sum over the product's terms of a[i] b[j], described by their extents.
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::products {

/// A [batch, m, k], B [batch, k, n] -> A B [batch, m, n], a product for each of the batch
struct Matmul {
  Index batch, m, k, n;
};

/// x [rows, in], W [out, in] -> y [rows, out], y = W x for every row
struct Conv1x1 {
  Index rows, in, out;
};

/// x [batch, height, width, in], K [3, 3, in, out] -> y [batch, height, width, out]: cross-correlation, taps
/// `dilation` pixels apart, zero padding that keeps height and width
struct Conv3x3 {
  Index batch, height, width, in, out, dilation;
};

}  // namespace glow::products
