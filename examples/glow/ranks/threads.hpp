// How many threads a rank has.
#pragma once

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// The processors that this process may run on, shared evenly with the ranks of this machine that may run on
/// the same ones; at least 1. All ranks call it.
int threads_of_rank(AnyRanks& ranks);

}  // namespace glow::app
