#include "verbs.hpp"

namespace glow::test {
namespace {

using L = Flow<Coupling, ActNorm, Conv1x1>;

// The three layers' own verbs, one after another.
template <class T, class D>
void forward_apart(const L& flow, const LayerParams<L, T, D>& p, View<T, D> x, View<T, D> logdet) {
  const auto& [n, a, c] = p.layers;
  std::get<Coupling>(flow.layers()).forward(n, x, logdet);
  ActNorm().forward(a, x, logdet);
  Conv1x1().forward(c, x, logdet);
}
template <class T, class D>
void inverse_apart(const L& flow, const LayerParams<L, T, D>& p, View<T, D> y, View<T, D> logdet) {
  const auto& [n, a, c] = p.layers;
  std::get<Coupling>(flow.layers()).inverse(n, y, logdet);
  Conv1x1().inverse(c, y, logdet);
  ActNorm().inverse(a, y, logdet);
}

// A coupling, an ActNorm and a 1x1 convolution on both devices, with the same numbers.
template <class T>
struct Three {
  Shape shape;
  L cpu, gpu;
  Parameters<L, double> on_host;
  Parameters<L, T, Cuda> on_device;
  Tensor<double> x, start;  // a batch, and what the log-determinants begin with

  explicit Three(const Shape& s, Index width = 7, Precision precision = Precision::full)
      : shape(s),
        cpu(Coupling(width), ActNorm(), Conv1x1()),
        gpu(Coupling(width, precision), ActNorm(), Conv1x1()),
        on_host(cpu, s),
        on_device(gpu, s),
        x(normal(s, 1)),
        start(normal({s[0]}, 2)) {
    initialize_layer<L, double, Cpu>(cpu, on_host.params(), Random{7, 7});
    shake(on_host);
    prepare_layer<L, double, Cpu>(cpu, on_host.params());
    for (std::size_t i = 0; i < on_host.entries().size(); ++i) {
      const auto& from = on_host.entries()[i];
      if (from.role != Role::derived)
        put(Tensor<double>(View<const double>(from.value)), on_device.entries()[i].value);
    }
    prepare_layer<L, T, Cuda>(gpu, on_device.params());
  }

  auto network() { return std::get<0>(gpu.layers()).net().packed(std::get<0>(on_device.params().layers)); }
  void forward(View<T, Cuda> at, View<T, Cuda> logdet) {
    const auto& [n, a, c] = on_device.params().layers;
    coupling_actnorm_conv1x1_forward(network(), a.bias, a.log_scale, c.packed_weight, c.log_s, at, logdet);
  }
  void inverse(View<T, Cuda> at, View<T, Cuda> logdet) {
    const auto& [n, a, c] = on_device.params().layers;
    coupling_actnorm_conv1x1_inverse(network(), a.bias, a.log_scale, c.packed_inverse, c.log_s, at, logdet);
  }

  void check() {
    INFO(shape);
    auto cpu_x = x, cpu_logdet = start;
    auto gpu_x = on_gpu(as<T>(x)), gpu_logdet = on_gpu(as<T>(start));
    const auto check_equal = [&] {
      CHECK(difference(gpu_x, cpu_x) <= tolerance<T>);
      CHECK(difference(gpu_logdet, cpu_logdet) <= tolerance<T>);
    };
    forward_apart<double, Cpu>(cpu, on_host.params(), cpu_x.view(), cpu_logdet.view());
    forward(gpu_x.view(), gpu_logdet.view());
    check_equal();

    cpu_x = x, cpu_logdet = start;
    gpu_x = on_gpu(as<T>(x)), gpu_logdet = on_gpu(as<T>(start));
    inverse_apart<double, Cpu>(cpu, on_host.params(), cpu_x.view(), cpu_logdet.view());
    inverse(gpu_x.view(), gpu_logdet.view());
    check_equal();
  }
};

}  // namespace

TEMPLATE_TEST_CASE("cuda: Coupling, ActNorm and 1x1 convolution in one pass equal the CPU's three layers",
                   "[cuda]", float, double) {
  for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{3, 2, 3, 3}, Shape{2, 1, 1, 2}, Shape{5, 3, 3, 4}}) {
    Three<TestType>(shape).check();
  }
}

TEMPLATE_TEST_CASE("cuda: Coupling, ActNorm and 1x1 convolution in one pass, for many sizes", "[cuda][long]",
                   float, double) {
  // Vectors of every width, one tile and several, whole or not, more threads than channels and fewer.
  for (const Shape& shape : {Shape{1, 5, 7, 5}, Shape{2, 16, 20, 12}, Shape{1, 9, 7, 24}, Shape{2, 8, 8, 48},
                             Shape{1, 3, 3, 67}, Shape{1, 2, 5, 260}}) {
    Three<TestType>(shape).check();
  }
}

TEST_CASE("cuda: Coupling, ActNorm and 1x1 convolution in one pass over several chunks of images",
          "[cuda][long]") {
  Three<float>({3, 100, 120, 2}, 3).check();
}

TEST_CASE("cuda: Coupling, ActNorm and 1x1 convolution in one pass without log-determinants", "[cuda]") {
  Three<float> three({2, 9, 7, 6});
  auto with = on_gpu(as<float>(three.x)), without = with;
  Tensor<float, Cuda> logdet(Shape{2});
  three.forward(with.view(), logdet.view());
  three.forward(without.view(), View<float, Cuda>());
  CHECK(same_bits<float>(on_cpu(with.view()), on_cpu(without.view())));
  three.inverse(with.view(), logdet.view());
  three.inverse(without.view(), View<float, Cuda>());
  CHECK(same_bits<float>(on_cpu(with.view()), on_cpu(without.view())));
}

TEST_CASE("cuda: Coupling, ActNorm and 1x1 convolution in one pass after a network in bf16",
          "[cuda][network]") {
  Three<float> three({2, 9, 7, 6}, 16, Precision::bf16);
  const auto& p = three.on_device.params();
  auto x = on_gpu(as<float>(three.x)), start = on_gpu(as<float>(three.start));
  const auto check = [](const Tensor<float, Cuda>& at_once, const Tensor<float, Cuda>& apart) {
    CHECK(difference(at_once, as<double>(on_cpu(apart.view()))) <= 1e-5);
  };

  auto apart = x, at_once = x, logdet = start, its_logdet = start;
  forward_apart<float, Cuda>(three.gpu, p, apart.view(), logdet.view());
  three.forward(at_once.view(), its_logdet.view());
  check(at_once, apart);
  check(its_logdet, logdet);

  apart = at_once = x;
  logdet = its_logdet = start;
  inverse_apart<float, Cuda>(three.gpu, p, apart.view(), logdet.view());
  three.inverse(at_once.view(), its_logdet.view());
  check(at_once, apart);
  check(its_logdet, logdet);
}

TEST_CASE("cuda: a coupling whose map is chosen at run time, with ActNorm and Conv1x1, equals its CPU twin") {
  for (const CouplingMap map : {CouplingMap::affine, CouplingMap::spline, CouplingMap::shifted}) {
    using Any = Flow<AnyCoupling, ActNorm, Conv1x1>;
    using Before = Flow<ActNorm, Conv1x1, AnyCoupling>;
    const Architecture a{.width = 7, .coupling = map};
    check_verbs<float>(Any(a), Any(a), {2, 4, 3, 6});
    check_verbs<double>(Before(a), Before(a), {2, 4, 3, 6});
  }
}

}  // namespace glow::test
