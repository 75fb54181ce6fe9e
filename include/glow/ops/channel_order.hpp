// Orders of channels, kept among a model's numbers: one equation for every device.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// How a permutation orders channels: `shuffle` at random, `reverse` the last one first.
enum class ChannelOrder { shuffle, reverse };

namespace ops {

/// The channel that an element of an order names. What names none of the channels counts as the first, so
/// that no file, however damaged, leads out of a row.
template <class T>
GLOW_HOST_DEVICE Index channel_of(T element, Index channels) {
  return element >= T(0) && element < static_cast<T>(channels) ? static_cast<Index>(element) : 0;
}

}  // namespace ops

}  // namespace glow
