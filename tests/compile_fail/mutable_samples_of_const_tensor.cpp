// expect: View<float
#include <glow/core/arena.hpp>

void wrong(const glow::Tensor<float>& x) {
  const glow::View<float> v = x.samples(0, 1);
  v[0] = 42;
}
