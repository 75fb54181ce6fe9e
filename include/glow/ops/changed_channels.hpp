// Channels that a layer changes a number at a time.
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Channels first ... first + count - 1, of which a layer makes each number of its output from the same
/// number of its input and from other channels.
struct ChangedChannels {
  Index first, count;
};

}  // namespace glow::ops
