#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"

namespace glow::test {
namespace {

// How often the layer's verbs launch a kernel, by its name.
struct Launches {
  std::uint64_t three, two, coupling;

  template <class F>
  static Launches of(const std::string& verb, F run) {
    const auto now = [&] {
      return Launches{cuda_on_cpu::launches("coupling_actnorm_conv1x1_" + verb),
                      cuda_on_cpu::launches("actnorm_conv1x1_" + verb),
                      cuda_on_cpu::launches("coupling_" + verb)};
    };
    const Launches before = now();
    run();
    const Launches after = now();
    return {after.three - before.three, after.two - before.two, after.coupling - before.coupling};
  }
  bool operator==(const Launches&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Launches& l) {
  return out << "in three " << l.three << ", in two " << l.two << ", couplings " << l.coupling;
}

template <class L>
void check_launches(const L& layer, const Launches& forward, const Launches& inverse) {
  Parameters<L, float, Cuda> p(layer, {2, 4, 4, 6});
  Tensor<float, Cuda> x({2, 4, 4, 6});
  const View<float, Cuda> none;
  View<float, Cuda> v = x.view();
  CHECK(Launches::of("forward", [&] { layer_forward<L, float, Cuda>(layer, p.params(), v, none); }) ==
        forward);
  CHECK(Launches::of("inverse", [&] { layer_inverse<L, float, Cuda>(layer, p.params(), v, none); }) ==
        inverse);
}

}  // namespace

TEST_CASE(
    "cuda: one kernel for a coupling and the next step's ActNorm and 1x1 convolution, or its own in the "
    "inverse",
    "[cuda]") {
  const ActNorm a;
  const Conv1x1 c;
  const Coupling n(4);
  const Step step(a, c, n);
  check_launches(step, {0, 1, 1}, {1, 0, 0});
  check_launches(Repeat(1, step), {0, 1, 1}, {1, 0, 0});
  check_launches(Repeat(3, step), {2, 1, 1}, {3, 0, 0});
  check_launches(Flow(a, c, n, a, c, n), {1, 1, 1}, {2, 0, 0});
  check_launches(Repeat(2, Flow(n, a, c)), {2, 0, 0}, {0, 2, 2});
  check_launches(Repeat(2, Flow<Step>(step)), {0, 2, 2}, {2, 0, 0});

  using AnyStep = Flow<ActNorm, AnyPermutation, AnyCoupling>;
  using enum PermutationKind;
  check_launches(Repeat<AnyStep>({.depth = 3, .width = 4}), {2, 1, 1}, {3, 0, 0});
  check_launches(Repeat<AnyStep>({.depth = 3, .width = 4, .permutation = shuffle}), {0, 0, 3}, {0, 0, 3});
}

TEMPLATE_TEST_CASE("cuda: a Flow's neighbours are one op where there is one, and equal the CPU's layers",
                   "[cuda]", float, double) {
  using T = TestType;
  using L = Flow<ActNorm, Conv1x1, ActNorm>;
  const L flow;
  const Shape shape = GENERATE(Shape{2, 4, 4, 6}, Shape{1, 2, 3, 67});
  Parameters<L, double> cpu(flow, shape);
  initialize_layer<L, double, Cpu>(flow, cpu.params(), Random{1, 2});
  shake(cpu, 0.03);
  prepare_layer<L, double, Cpu>(flow, cpu.params());
  Parameters<L, T, Cuda> gpu(flow, shape);
  initialize_layer<L, T, Cuda>(flow, gpu.params(), Random{1, 2});
  Tensor<T> values(cpu.values().shape());
  for (Index i = 0; i < values.size(); ++i) values[i] = static_cast<T>(cpu.values()[i]);
  transfer(View<const T, Cpu>(values), gpu.values());
  prepare_layer<L, T, Cuda>(flow, gpu.params());

  auto x = normal(shape, 3), logdet = normal({shape[0]}, 4), dx = normal(shape, 5),
       dlogdet = normal({shape[0]}, 6);
  const auto x_before = x;
  auto gpu_x = on_gpu(as<T>(x)), gpu_logdet = on_gpu(as<T>(logdet)), gpu_dx = on_gpu(as<T>(dx)),
       gpu_dlogdet = on_gpu(as<T>(dlogdet));

  flow.forward(cpu.params(), x.view(), logdet.view());
  const auto before = cuda_on_cpu::launches();
  flow.forward(gpu.params(), gpu_x.view(), gpu_logdet.view());
  CHECK(cuda_on_cpu::launches() - before == 3);  // the two, then ActNorm and its part of the log-determinant
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  CHECK(difference(gpu_logdet, logdet) <= tolerance<T>);

  auto gpu_y = on_gpu(as<T>(x));
  flow.inverse(gpu.params(), gpu_y.view(), View<T, Cuda>());
  CHECK(difference(gpu_y, x_before) <= tolerance<T>);

  gpu_x = on_gpu(as<T>(x));
  flow.backward(cpu.params(), cpu.gradients(), x.view(), dx.view(), dlogdet.view());
  flow.backward(gpu.params(), gpu.gradients(), gpu_x.view(), gpu_dx.view(), gpu_dlogdet.view());
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  CHECK(difference(gpu_dx, dx) <= tolerance<T>);
  CHECK(difference<double>(lend(as<double>(on_cpu(gpu.gradient()))), cpu.gradient()) <= tolerance<T>);
}

}  // namespace glow::test
