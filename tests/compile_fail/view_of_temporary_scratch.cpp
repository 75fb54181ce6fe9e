// expect: deleted
#include <glow/core/arena.hpp>

void wrong() { [[maybe_unused]] const auto v = glow::Scratch<float>({3}).view(); }
