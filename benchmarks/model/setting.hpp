// The sizes that whole models are measured at. peers/settings.py has the same ones by the same names.
#pragma once

#include <string>
#include <string_view>

#include <glow/glow.hpp>

namespace glow::benchmarks {

using Step = Flow<ActNorm, Conv1x1, Coupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using Glow = MultiScale<Level>;

/// A model's sizes and how many images it takes at a time.
struct Setting {
  Architecture architecture;
  Shape image;  ///< [H, W, C]
  Index batch;

  /// "32x32x3/K8/L3/width512/batch8"
  std::string name() const {
    return join(image, "/K", architecture.depth, "/L", architecture.levels, "/width", architecture.width,
                "/batch", batch);
  }
};

/// Setting "small", "fashion", "middle", "large" or "reference"; throws Error for another name.
inline Setting setting_of(std::string_view name) {
  if (name == "small") return {{.levels = 2, .depth = 4, .width = 64}, {8, 8, 1}, 64};
  if (name == "fashion") return {{.levels = 2, .depth = 16, .width = 128}, {28, 28, 1}, 64};
  if (name == "middle") return {{.levels = 3, .depth = 8, .width = 512}, {32, 32, 3}, 8};
  if (name == "large") return {{.levels = 3, .depth = 16, .width = 512}, {64, 64, 3}, 2};
  if (name == "reference") return {{.levels = 3, .depth = 16, .width = 512}, {64, 64, 3}, 64};
  throw Error(join("setting: '", name, "' is none of small, fashion, middle, large, reference"));
}

}  // namespace glow::benchmarks
