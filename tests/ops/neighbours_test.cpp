#include <vector>

#include <glow/ops/cpu/neighbours.hpp>

#include "catch.hpp"

using namespace glow;

TEST_CASE("gather_neighbours_at: the rows of gather_neighbours, and no others") {
  using ops::slack, ops::Taps;
  for (const Index c : {1, 3, 24}) {
    const Index height = 5, width = 4, pixels = height * width, step = 9 * c;
    std::vector<float> x(static_cast<std::size_t>(pixels * c + slack));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
    std::vector<float> all(static_cast<std::size_t>(pixels * step + slack));
    ops::gather_neighbours(x.data(), c, height, width, c, Taps::mirrored, Index{0}, pixels, all.data(), step);
    for (const Index first : {0, 3, 19}) {
      for (Index last = first; last <= pixels; ++last) {
        std::vector<float> out(static_cast<std::size_t>(pixels * step), -1.0f);
        ops::gather_neighbours_at(x.data(), c, height, width, c, Taps::mirrored, first, last, out.data(),
                                  step);
        bool right = true;
        for (Index i = 0; i < pixels * step; ++i) {
          const bool inside = i >= first * step && i < last * step;
          const auto at = static_cast<std::size_t>(i);
          right = right && out[at] == (inside ? all[at] : -1.0f);
        }
        CAPTURE(c, first, last);
        CHECK(right);
      }
    }
  }
}
