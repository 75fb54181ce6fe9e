// expect: assign
#include <glow/core/arena.hpp>

void wrong(const glow::Tensor<float>& x) { x.view()[5] = 42; }
