// A 1x1 convolution's factors and matrices on the host and on the GPU.
#pragma once

#include "twins.hpp"

namespace glow::test {

/// As they start, for C channels.
struct Conv1x1Factors {
  static constexpr Random random{11, 22};

  Tensor<double> permutation, lower, upper, log_s, sign_s, weight, inverse;

  explicit Conv1x1Factors(Index c)
      : permutation({c, c}),
        lower({c, c}),
        upper({c, c}),
        log_s({c}),
        sign_s({c}),
        weight({c, c}),
        inverse({c, c}) {
    ops::conv1x1_start(permutation.view(), lower.view(), upper.view(), log_s.view(), sign_s.view(), random);
    ops::conv1x1_assemble(permutation.view(), lower.view(), upper.view(), log_s.view(), sign_s.view(),
                          weight.view(), inverse.view());
  }
};

/// The same on the GPU in T, with the matrices packed.
template <class T>
struct GpuFactors {
  Tensor<T, Cuda> permutation, lower, upper, log_s, sign_s, weight, inverse;
  Tensor<T, Cuda> packed_weight, packed_weight_t, packed_inverse;

  explicit GpuFactors(const Conv1x1Factors& f)
      : permutation(on_gpu(as<T>(f.permutation))),
        lower(on_gpu(as<T>(f.lower))),
        upper(on_gpu(as<T>(f.upper))),
        log_s(on_gpu(as<T>(f.log_s))),
        sign_s(on_gpu(as<T>(f.sign_s))),
        weight(f.weight.shape()),
        inverse(f.weight.shape()),
        packed_weight(packed(f)),
        packed_weight_t(packed(f)),
        packed_inverse(packed(f)) {
    conv1x1_assemble(permutation.view(), lower.view(), upper.view(), log_s.view(), sign_s.view(),
                     weight.view(), inverse.view());
    conv1x1_pack(weight.view(), packed_weight.view(), packed_weight_t.view());
    conv1x1_pack(inverse.view(), packed_inverse.view(), View<T, Cuda>());
  }

 private:
  static Shape packed(const Conv1x1Factors& f) { return ops::packed_shape(f.log_s.size(), f.log_s.size()); }
};

/// Pixels of a 1x1 convolution: a few, and more than a block of threads takes at once, of any number of
/// channels.
inline Shape few_conv1x1_pixels() {
  return GENERATE(Shape{1, 1, 1, 1}, Shape{2, 3, 5, 3}, Shape{1, 5, 7, 26});
}
inline Shape many_conv1x1_pixels() {
  return GENERATE(Shape{1, 40, 40, 4}, Shape{3, 16, 16, 12}, Shape{2, 8, 8, 48}, Shape{1, 4, 4, 64},
                  Shape{1, 3, 3, 67});
}

}  // namespace glow::test
