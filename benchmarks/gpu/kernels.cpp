// Pointwise ops: the bytes that their equation reads and writes, as a share of a copy's rate. Batches are
// large, so that the second-level cache holds none of them.
#include <algorithm>
#include <vector>

#include "model/no_zeros.hpp"
#include "report.hpp"

namespace glow::benchmarks {
namespace {

class Kernels {
 public:
  Kernels(Report& report, const Rates& rates, const Shape& shape)
      : report_(report), rates_(rates), shape_(shape) {}

  // `tensors`: how many tensors of the shape's size the equation reads and writes.
  template <class Work>
  void measure(const std::string& name, double tensors, Work work) {
    const double bytes = tensors * static_cast<double>(shape_.size()) * sizeof(float);
    const double seconds = report_.seconds_of(10, work);
    report_.add(name + "/" + shape_.str(), {{"us", seconds * 1e6},
                                            {"GB_per_s", bytes / seconds / 1e9},
                                            {"share_of_copy", bytes / seconds / rates_.copy_bytes}});
  }

 private:
  Report& report_;
  const Rates& rates_;
  Shape shape_;
};

template <class L>
Parameters<L, float, Cuda> parameters_of(const L& layer, const Shape& x) {
  Parameters<L, float, Cuda> p(layer, x);
  initialize_layer<L, float, Cuda>(layer, p.params(), Random{1, 0});
  fill_zeros(p);
  prepare_layer<L, float, Cuda>(layer, p.params());
  return p;
}

void measure_layers(Report& report, const Rates& rates, const Shape& shape) {
  Kernels kernels(report, rates, shape);
  Tensor<float, Cuda> x(shape), dx(shape), other(shape), logdet(Shape{shape[0]});
  fill_normal(x.view(), Random{1, 1});
  fill_normal(dx.view(), Random{1, 2});
  const View<float, Cuda> none;
  kernels.measure("squeeze_forward", 2, [&] {
    squeeze_forward(x.view(), View<float, Cuda>(other.data(), Squeeze().output(shape)));
  });
  const ActNorm actnorm;
  auto pa = parameters_of(actnorm, shape);
  kernels.measure("actnorm_forward", 2, [&] { actnorm.forward(pa.params(), x.view(), none); });
  kernels.measure("actnorm_backward", 4,
                  [&] { actnorm.backward(pa.params(), pa.gradients(), x.view(), dx.view(), none); });
  const Conv1x1 conv1x1;
  auto pc = parameters_of(conv1x1, shape);
  kernels.measure("conv1x1_forward", 2, [&] { conv1x1.forward(pc.params(), x.view(), none); });
  kernels.measure("conv1x1_backward", 4,
                  [&] { conv1x1.backward(pc.params(), pc.gradients(), x.view(), dx.view(), none); });
  using Pair = Flow<ActNorm, Conv1x1>;
  const Pair pair;
  auto pp = parameters_of(pair, shape);
  View<float, Cuda> xv = x.view(), dv = dx.view();
  kernels.measure("actnorm_conv1x1_forward", 2, [&] { pair.forward(pp.params(), xv, none); });
  kernels.measure("actnorm_conv1x1_inverse", 2, [&] { pair.inverse(pp.params(), xv, none); });
  kernels.measure("actnorm_conv1x1_backward", 4,
                  [&] { pair.backward(pp.params(), pp.gradients(), xv, dv, none); });
}

// What follows a coupling's network, whose parts of 2 (c / 2) outputs are nine of x's size; c is even.
void measure_coupling(Report& report, const Rates& rates, const Shape& shape) {
  using namespace glow::kernels;
  Kernels measured(report, rates, shape);
  const Index c = shape[3];
  const CouplingShape s{shape[0], shape[1], shape[2], c, c / 2};
  Tensor<float, Cuda> x(shape), parts({shape.size() / c, 9 * c}), bias({c});
  Tensor<float, Cuda> sums({shape[0], std::max(coupling_sums(s), coupling_actnorm_conv1x1_sums<float>(s))});
  fill_normal(x.view(), Random{1, 1});
  fill_normal(parts.view(), Random{1, 2}, 0.01f);
  fill_normal(bias.view(), Random{1, 3}, 0.01f);
  const NetworkParts<float> network{parts.data(), 9 * c, bias.data()};
  measured.measure("coupling_forward", 10, [&] {
    launch_coupling_forward<SigmoidAffine>(network, x.data(), s, sums.data(), cuda::stream());
  });
  const Flow<ActNorm, Conv1x1> pair;
  auto p = parameters_of(pair, shape);
  const auto& [a, m] = p.params().layers;
  measured.measure("coupling_actnorm_conv1x1_forward", 11, [&] {
    launch_coupling_actnorm_conv1x1_forward<float>(network, a.bias.data(), a.log_scale.data(),
                                                   m.packed_weight.data(), m.log_s.data(), x.data(), s,
                                                   sums.data(), cuda::stream());
  });
  measured.measure("coupling_actnorm_conv1x1_inverse", 11, [&] {
    launch_coupling_actnorm_conv1x1_inverse<float>(network, a.bias.data(), a.log_scale.data(),
                                                   m.packed_inverse.data(), m.log_s.data(), x.data(), s,
                                                   sums.data(), cuda::stream());
  });
}

void measure_gaussian(Report& report, const Rates& rates, const Shape& shape) {
  Kernels kernels(report, rates, shape);
  Tensor<float, Cuda> z(shape), dz(shape), logp(Shape{shape[0]});
  Tensor<float, Cuda> prior({shape[0], shape[1], shape[2], 2 * shape[3]}), d_prior(prior.shape());
  fill_normal(z.view(), Random{1, 1});
  fill_normal(prior.view(), Random{1, 2}, 0.01f);
  kernels.measure("gaussian_log_density", 3,
                  [&] { gaussian_log_density(z.view(), prior.view(), logp.view()); });
  kernels.measure("gaussian_backward", 7,
                  [&] { gaussian_backward(z.view(), prior.view(), logp.view(), dz.view(), d_prior.view()); });
  kernels.measure("gaussian_sample", 4, [&] { gaussian_sample(prior.view(), 0.7f, z.view()); });
}

void measure_flat(Report& report, const Rates& rates, const Shape& shape) {
  Kernels kernels(report, rates, shape);
  Tensor<float, Cuda> x(shape), g(shape);
  fill_normal(x.view(), Random{1, 1});
  fill_normal(g.view(), Random{1, 2});
  Adam<float, Cuda> adam(shape.size());
  AdamScale scale = adam_scale(1e-9, 1, {});
  Tensor<AdamScale, Cuda> at(Shape{1});
  transfer(View<const AdamScale, Cpu>(&scale, {1}), at.view());
  kernels.measure("adam_step", 7, [&] { adam.step_by(x.view(), g.view(), at.view()); });
  Tensor<double, Cuda> length(Shape{1});
  kernels.measure("norm", 1, [&] { norm(View<const float, Cuda>(g), length.view()); });
  Tensor<std::uint8_t> levels(shape);
  for (Index i = 0; i < levels.size(); ++i) {
    levels[i] = static_cast<std::uint8_t>(Random{1, 4}.words(static_cast<std::uint64_t>(i))[0]);
  }
  Tensor<std::uint8_t, Cuda> pixels(shape);
  transfer(View<const std::uint8_t>(levels), pixels.view());
  const Random random{1, 2};
  Tensor<Random, Cuda> stream(Shape{1});
  transfer(View<const Random, Cpu>(&random, {1}), stream.view());
  kernels.measure("dequantize", 1.25, [&] {
    dequantize(View<const std::uint8_t, Cuda>(pixels), 5, View<const Random, Cuda>(stream), x.view());
  });
  kernels.measure("fill_normal", 1, [&] { fill_normal(x.view(), random); });
}

}  // namespace

void measure_kernels(Report& report, const Rates& rates) {
  if (report.options().smoke) {
    measure_layers(report, rates, {2, 4, 4, 12});
    measure_coupling(report, rates, {2, 4, 4, 12});
    measure_gaussian(report, rates, {2, 4, 4, 6});
    measure_flat(report, rates, {512});
    return;
  }
  for (const Shape& shape : {Shape{2048, 32, 32, 12}, Shape{4096, 16, 16, 24}, Shape{8192, 8, 8, 48}}) {
    measure_layers(report, rates, shape);
    measure_coupling(report, rates, shape);
  }
  measure_gaussian(report, rates, {2048, 32, 32, 6});
  measure_flat(report, rates, {Index{1} << 26});
}

}  // namespace glow::benchmarks
