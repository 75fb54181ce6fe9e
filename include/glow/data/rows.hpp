// Rows of numbers, and the names of their columns.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A table in memory.
struct Table {
  Tensor<float> rows;                ///< [N, D], all finite
  std::vector<std::string> columns;  ///< D names, or none where the file has none
};

namespace detail {

// `value` as a float. Throws FileError, led by `where()`, unless it is finite, also as a float.
template <class Where>
float table_number(double value, Where where) {
  const bool fits = std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
  if (!fits) {
    throw FileError(
        join(where(), value,
             std::isfinite(value) ? " is too large for a float of 32 bits" : " is not a finite number"));
  }
  return static_cast<float>(value);
}

}  // namespace detail

}  // namespace glow
