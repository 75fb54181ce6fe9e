// Ops and layers that move memory: the bytes that their equation reads and writes, as a share of a copy's
// rate. Batches are large, so that the caches do not hold them.
#include "ops/layer_case.hpp"
#include "ops/registered.hpp"

namespace glow::benchmarks {
namespace {

const Shape shape{1024, 32, 32, 12};

// `tensors`: how many tensors of the shape's size the equation reads and writes.
template <class Make>
void add_pointwise(const std::string& name, double tensors, Make make) {
  add(name + "/" + shape.str(), {.bytes = tensors * static_cast<double>(shape.size()) * sizeof(float)}, make);
}

Tensor<float> normal(const Shape& s) {
  Tensor<float> x(s);
  fill_normal(x.view(), Random{1, 1});
  return x;
}

void register_squeeze() {
  add_pointwise("squeeze_forward", 2, [] {
    return [x = normal(shape), y = Tensor<float>(Squeeze().output(shape))]() mutable {
      squeeze_forward(View<const float>(x), y.view());
    };
  });
  add_pointwise("squeeze_inverse", 2, [] {
    return [y = normal(Squeeze().output(shape)), x = Tensor<float>(shape)]() mutable {
      squeeze_inverse(View<const float>(y), x.view());
    };
  });
}

void register_layers() {
  using ActNormCase = LayerCase<ActNorm>;
  const auto actnorm = [](void (ActNormCase::*verb)()) {
    return [verb] { return [verb, c = std::make_shared<ActNormCase>(ActNorm(), shape)] { ((*c).*verb)(); }; };
  };
  add_pointwise("actnorm_forward", 2, actnorm(&ActNormCase::forward));
  add_pointwise("actnorm_inverse", 2, actnorm(&ActNormCase::inverse));
  add_pointwise("actnorm_backward", 4, actnorm(&ActNormCase::backward));
  // The affine map of a coupling is no op of its own: here its network is as small as networks get.
  add_pointwise("coupling_of_width_1_forward", 2, [] {
    const auto layer = std::make_shared<LayerCase<Coupling>>(Coupling(1), shape);
    const Index half = shape[3] / 2;
    // Scales of almost 1, so that numbers stay where they are.
    for (Index i = half; i < 2 * half; ++i) layer->params().conv3.bias[i] = 10;
    return [layer] { layer->forward(); };
  });
}

void register_gaussian() {
  const Shape with_prior{shape[0], shape[1], shape[2], 2 * shape[3]};
  add_pointwise("gaussian_log_density", 3, [with_prior] {
    return [z = normal(shape), prior = normal(with_prior), logp = Tensor<float>(Shape{shape[0]})]() mutable {
      gaussian_log_density(View<const float>(z), View<const float>(prior), logp.view());
    };
  });
  add_pointwise("gaussian_backward", 7, [with_prior] {
    return [z = normal(shape), prior = normal(with_prior), dlogp = normal(Shape{shape[0]}),
            dz = Tensor<float>(shape), d_prior = Tensor<float>(with_prior)]() mutable {
      gaussian_backward(View<const float>(z), View<const float>(prior), View<const float>(dlogp), dz.view(),
                        d_prior.view());
    };
  });
  // A prior N(0, I), in numbers, keeps z at its size.
  add_pointwise("gaussian_sample", 4, [with_prior] {
    return [z = normal(shape), prior = Tensor<float>(with_prior)]() mutable {
      gaussian_sample(View<const float>(prior), 1.0f, z.view());
    };
  });
}

void register_flat() {
  add_pointwise("adam_step", 7, [] {
    return [x = normal(shape), g = normal(shape), adam = Adam<float>(shape.size())]() mutable {
      adam.step(x.view(), View<const float>(g), 1e-9);
    };
  });
  add_pointwise("gradient_norm", 1, [] {
    return [g = normal(shape), length = Tensor<double>(Shape{1})]() mutable {
      norm(View<const float>(g), length.view());
    };
  });
  const double bytes_and_floats = 1.25;
  add_pointwise("dequantize", bytes_and_floats, [] {
    return [pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(shape.size()), 77),
            x = Tensor<float>(shape)]() mutable {
      dequantize(View<const std::uint8_t>(pixels.data(), shape), 5, Random{1, 2}, x.view());
    };
  });
  add_pointwise("quantize", bytes_and_floats, [] {
    return [x = normal(shape),
            pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(shape.size()))]() mutable {
      ops::quantize<float>(x, 5, pixels);
    };
  });
  add_pointwise("fill_normal", 1, [] {
    return [x = Tensor<float>(shape)]() mutable { fill_normal(x.view(), Random{1, 1}); };
  });
}

}  // namespace

void register_pointwise() {
  register_squeeze();
  register_layers();
  register_gaussian();
  register_flat();
}

}  // namespace glow::benchmarks
