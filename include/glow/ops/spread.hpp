// An operand of an element-by-element operation, spread over the result.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The elements that meet elements 0, 1, ... of a result: `period` of them, over and over. The period is the
/// operand's size: that of the result, 1 for one element over all, or C for a row over the innermost extent.
template <class T>
struct Spread {
  T* data;
  Index period;

  // Divides only where a row is spread.
  GLOW_HOST_DEVICE T& operator[](Index i) const {
    return data[i < period ? i : period == 1 ? 0 : i % period];
  }
};

}  // namespace glow
