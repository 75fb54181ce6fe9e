// Which half of its channels a coupling transforms, and by which half.
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a coupling's network reads: the second half of the channels, which is the larger one where their
/// number is odd, or the first.
enum class Condition { on_second_half, on_first_half };

namespace ops {

/// Of C channels C / 2 (rounded down) change, and the network reads the others.
struct CouplingChannels {
  Index changed, read;
  Index first_changed, first_read;

  CouplingChannels(Index channels, Condition which)
      : changed(channels / 2),
        read(channels - changed),
        first_changed(which == Condition::on_second_half ? 0 : read),
        first_read(which == Condition::on_second_half ? changed : 0) {}
};

}  // namespace ops
}  // namespace glow
