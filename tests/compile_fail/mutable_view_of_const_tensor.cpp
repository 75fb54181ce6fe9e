// expect: View<float
#include <glow/core/arena.hpp>

void wrong(const glow::Tensor<float>& x) {
  const glow::View<float> v = x;
  v[5] = 42;
}
