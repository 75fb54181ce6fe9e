// The two forms of 3x3 convolutions side by side, with random numbers in all operands: what sets the table of
// ops/cuda/convolution_choice.hpp.
#include "report.hpp"

namespace glow::benchmarks {
namespace {

using cuda::ConvolutionForm;

// Runs work(name of the form) in both forms, each with memory of its own.
template <class Work>
void in_both_forms(Work work) {
  for (const ConvolutionForm form : {ConvolutionForm::gather, ConvolutionForm::cudnn}) {
    const cuda::ConvolutionFormScope scope(form);
    Workspace<Cuda> workspace;
    const WorkspaceScope<Cuda> own(workspace);
    work(form == ConvolutionForm::gather ? "gather" : "cudnn", workspace);
  }
}

// Random weights, small enough that hidden activations keep their scale.
template <class L>
Parameters<L, float, Cuda> random_parameters(const L& layer, const Shape& x) {
  Parameters<L, float, Cuda> p(layer, x);
  fill_normal(p.values(), Random{1, 0}, 0.02f);
  prepare_layer<L, float, Cuda>(layer, p.params());
  return p;
}

void add(Report& report, const std::string& name, double flops, double seconds,
         const Workspace<Cuda>& workspace) {
  report.add(name, {{"us", seconds * 1e6},
                    {"TFLOP_per_s", flops / seconds / 1e12},
                    {"temporary_bytes", workspace.temporaries.capacity()}});
}

void measure_network(Report& report, const Shape& x, Index width, Precision precision) {
  const Coupling layer(width, precision);
  Tensor<float, Cuda> y(x), dy(x), logdet(Shape{x[0]}), dlogdet(Shape{x[0]});
  fill_normal(y.view(), Random{1, 1});
  fill_normal(dy.view(), Random{1, 2});
  const Index a = x[3] / 2, c = x[3] - a;
  const double flops =
      2.0 * static_cast<double>(x[0] * x[1] * x[2] * (9 * c * width + width * width + 9 * width * 2 * a));
  in_both_forms([&](const std::string& form, const Workspace<Cuda>& workspace) {
    auto p = random_parameters(layer, x);
    const std::string of =
        "/" + x.str() + "/width" + std::to_string(width) + "/" + std::string(name_of(precision)) + "/" + form;
    const double forward = report.seconds_of(10, [&] { layer.forward(p.params(), y.view(), logdet.view()); });
    add(report, "network_forward" + of, flops, forward, workspace);
    const double backward = report.seconds_of(
        10, [&] { layer.backward(p.params(), p.gradients(), y.view(), dy.view(), dlogdet.view()); });
    add(report, "network_backward" + of, 3 * flops, backward, workspace);
  });
}

void measure_prior(Report& report, const Shape& x, Index out) {
  const Index c = x[3];
  Tensor<float, Cuda> input(x), dx(x), y(Shape{x[0], x[1], x[2], out}), kernel(Shape{3, 3, c, out}),
      d_kernel(kernel.shape()), bias(Shape{out}), d_bias(Shape{out}), packed(ops::packed_shape(9 * c, out)),
      packed_t(ops::packed_shape(9 * out, c));
  fill_normal(input.view(), Random{1, 1});
  fill_normal(y.view(), Random{1, 2});
  fill_normal(kernel.view(), Random{1, 3});
  const double flops = 2.0 * static_cast<double>(input.view().rows() * 9 * c * out);
  in_both_forms([&](const std::string& form, const Workspace<Cuda>& workspace) {
    const std::string of = "/" + x.str() + "to" + std::to_string(out) + "/" + form;
    ops::conv3x3_pack(kernel.view(), packed.view(), packed_t.view());
    const double backward = report.seconds_of(10, [&] {
      ops::conv3x3_backward(packed_t.view(), d_kernel.view(), d_bias.view(), input.view(), y.view(),
                            dx.view());
    });
    add(report, "conv3x3_backward" + of, 2 * flops, backward, workspace);
    const double forward = report.seconds_of(
        10, [&] { ops::conv3x3_forward(packed.view(), bias.view(), input.view(), y.view()); });
    add(report, "conv3x3_forward" + of, flops, forward, workspace);
  });
}

}  // namespace

void measure_convolutions(Report& report) {
  if (!kernels::has_cudnn()) return;
  if (report.options().smoke) {
    measure_network(report, {2, 6, 6, 12}, 32, Precision::full);
    measure_prior(report, {2, 6, 6, 6}, 12);
    return;
  }
  const Shape of_levels[] = {{64, 32, 32, 12}, {64, 16, 16, 24}, {64, 8, 8, 48}};
  for (const Precision precision : report.options().precisions) {
    // A bf16 network of width 512 is one kernel.
    const Index width = precision == Precision::bf16 ? 1024 : 512;
    for (const Shape& x : of_levels) measure_network(report, x, width, precision);
    if (precision != Precision::bf16) measure_network(report, of_levels[0], 64, precision);
  }
  for (const Shape& x : {Shape{64, 32, 32, 6}, Shape{64, 16, 16, 12}, Shape{64, 8, 8, 24}}) {
    measure_prior(report, x, 2 * x[3]);
  }
}

}  // namespace glow::benchmarks
