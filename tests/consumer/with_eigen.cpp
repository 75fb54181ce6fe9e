#include <glow/eigen.hpp>

int main() {
  glow::Tensor<float> x({2, 3});
  glow::as_eigen(x).setOnes();
  return glow::as_eigen<2>(x)(1, 2) == 1 ? 0 : 1;
}
