// The arithmetic of log p(x), counted from the tensors that a model has.
#pragma once

#include "model/setting.hpp"

namespace glow::benchmarks {

/// Floating-point operations of the convolutions for log p(x) of one image: 2 for each of a kernel's numbers
/// and each pixel of its level. All else is a few percent.
template <class D>
double log_p_flops(const Model<Glow, float, D>& model) {
  auto shapes = declare_layer(model.net(), model.batch_shape(1));
  double flops = 0;
  for (std::size_t l = 0; l < shapes.levels.size(); ++l) {
    const Shape y = output_shape(model.net().level(),
                                 model.net().level_input(static_cast<int>(l) + 1, model.batch_shape(1)));
    const double pixels = static_cast<double>(y.size() / y.back());
    const auto count = [&](std::string_view name, const Shape& shape, Role = Role::trainable) {
      // A 1x1 convolution's factor L has the shape of its matrix.
      if (name.ends_with("kernel") || name.ends_with("lower")) {
        flops += 2 * pixels * static_cast<double>(shape.size());
      }
    };
    shapes.levels[l].visit(count);
    if (l < shapes.splits.size()) shapes.splits[l].visit(count);
  }
  return flops;
}

}  // namespace glow::benchmarks
