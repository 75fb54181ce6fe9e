// expect: deleted
#include <glow/core/arena.hpp>

void wrong() { [[maybe_unused]] const auto v = glow::Tensor<float>({3}).samples(0, 1); }
