// Coupling layers of the reference configuration: the FLOPs of their networks as a share of cuBLAS's bf16
// rate.
#include "model/no_zeros.hpp"
#include "report.hpp"

namespace glow::benchmarks {
namespace {

void measure(Report& report, const Rates& rates, const Shape& x, Index width, Precision precision) {
  const Coupling layer(width, precision);
  Parameters<Coupling, float, Cuda> p(layer, x);
  initialize_layer<Coupling, float, Cuda>(layer, p.params(), Random{1, 0});
  fill_zeros(p);
  prepare_layer<Coupling, float, Cuda>(layer, p.params());
  Tensor<float, Cuda> y(x), dy(x), logdet(Shape{x[0]}), dlogdet(Shape{x[0]});
  fill_normal(y.view(), Random{1, 1});
  fill_normal(dy.view(), Random{1, 2});
  fill_normal(dlogdet.view(), Random{1, 3});
  // Each pass once before any is repeated: a profiler of the first launches sees all of them.
  layer.forward(p.params(), y.view(), logdet.view());
  layer.backward(p.params(), p.gradients(), y.view(), dy.view(), dlogdet.view());
  const Index a = x[3] / 2, c = x[3] - a;
  const double flops =
      2.0 * static_cast<double>(x[0] * x[1] * x[2] * (9 * c * width + width * width + 9 * width * 2 * a));
  const auto add = [&](const std::string& verb, double times, double seconds) {
    report.add("coupling_" + verb + "/" + x.str() + "/width" + std::to_string(width) + "/" +
                   std::string(name_of(precision)),
               {{"us", seconds * 1e6},
                {"TFLOP_per_s", times * flops / seconds / 1e12},
                {"share_of_bf16_rate", times * flops / seconds / rates.bf16_flops}});
  };
  add("forward", 1, report.seconds_of(10, [&] { layer.forward(p.params(), y.view(), logdet.view()); }));
  // The network once more, and the gradients of operands and weights.
  add("backward", 3, report.seconds_of(10, [&] {
    layer.backward(p.params(), p.gradients(), y.view(), dy.view(), dlogdet.view());
  }));
}

}  // namespace

void measure_networks(Report& report, const Rates& rates) {
  for (const Precision precision : report.options().precisions) {
    if (report.options().smoke) {
      measure(report, rates, {2, 6, 6, 12}, 32, precision);
      continue;
    }
    for (const Shape& x : {Shape{64, 32, 32, 12}, Shape{64, 16, 16, 24}, Shape{64, 8, 8, 48}}) {
      measure(report, rates, x, 512, precision);
    }
  }
}

}  // namespace glow::benchmarks
