// expect: const
#include <glow/core/arena.hpp>

void wrong(const glow::Tensor<float>& x) {
  float* const p = x.begin();
  *p = 42;
}
