// Images that ranks are trained on.
#pragma once

#include "support.hpp"

namespace glow::test {

/// Pixels [count, 8, 8, 1]: others for each stream.
inline std::vector<std::uint8_t> noisy_stripes(Index count, std::uint64_t stream) {
  std::vector<std::uint8_t> p(static_cast<std::size_t>(count * 64));
  for (std::size_t i = 0; i < p.size(); ++i)
    p[i] = static_cast<std::uint8_t>(i % 8 * 24 + Random{stream, 7}.words(i)[0] % 64);
  return p;
}

}  // namespace glow::test
