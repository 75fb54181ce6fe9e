// Ranks that train together must have been told the same.
#pragma once

#include <nlohmann/json.hpp>

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// All ranks call it, with an object of what must be the same on each. Throws RankError with what is
/// not: "rank 2 has batch 32, and rank 0 has 64".
void check_agreement(AnyRanks& ranks, const nlohmann::json& mine);

}  // namespace glow::app
