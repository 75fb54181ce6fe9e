// The room that a device needs for the operands of a coupling network.
#pragma once

#include <algorithm>

#include <glow/core/counted.hpp>
#include <glow/core/shape.hpp>
#include <glow/ops/panels.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Elements, of whichever type, that hold an operand [k, n] of a coupling network on a device. On the CPU:
/// columns of whole vectors.
inline Shape network_operand_shape(Cpu, Index k, Index n) { return {k * ((n + 15) / 16 * 16)}; }

/// On a GPU as on the CPU or, in its bf16 kernels, panels of numbers of half the size in whole blocks of
/// rows, which are also whole steps.
template <class D>
Shape network_operand_shape(D, Index k, Index n) {
  return {std::max(k * ((n + 15) / 16 * 16), block_count(k) * 64 * panel_columns_for(n) / 2)};
}
/// Where memory is counted, as on the device.
template <class D>
Shape network_operand_shape(Counted<D>, Index k, Index n) {
  return network_operand_shape(D(), k, n);
}

}  // namespace glow::ops
