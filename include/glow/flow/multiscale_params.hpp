// MultiScaleParams: the parameters of a MultiScale.
#pragma once

#include <string>
#include <vector>

#include <glow/flow/level_name.hpp>
#include <glow/layers/labels.hpp>
#include <glow/layers/params.hpp>
#include <glow/layers/split.hpp>
#include <glow/layers/top_prior.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// MultiScale<Level>::Params<Leaf>: those of its levels and priors, finest level first. Leaf: Shape, View,
/// ..., as in every layer's Params.
template <class Level, class Leaf>
struct MultiScaleParams {
  std::vector<typename Level::template Params<Leaf>> levels;
  std::vector<Split::Params<Leaf>> splits;   ///< levels - 1
  std::vector<TopPrior::Params<Leaf>> top;   ///< one if the top prior is learned, else none
  std::vector<Labels::Params<Leaf>> labels;  ///< one if the samples have classes, else none

  template <class F>
  void visit(F&& f) {
    for (std::size_t l = 0; l < levels.size(); ++l) {
      const std::string name = detail::level_name(static_cast<int>(l) + 1)();
      levels[l].visit(with_prefix(name, f));
      if (l < splits.size()) splits[l].visit(with_prefix(name + "/split", f));
    }
    for (auto& t : top) t.visit(with_prefix("top", f));
    for (auto& l : labels) l.visit(with_prefix("classes", f));
  }
};

}  // namespace glow
