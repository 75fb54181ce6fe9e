// Partial sums: kernels that sum over many blocks leave one part a block, and a second kernel adds them in a
// fixed order. The caller brings the memory for them.
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// The most parts of a sum.
inline constexpr Index most_parts = 1024;

/// The most parts of `samples` sums that are taken at once: at least one each.
constexpr Index most_parts_of(Index samples) { return samples > most_parts ? samples : most_parts; }

}  // namespace glow::kernels
