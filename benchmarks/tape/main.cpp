// glow_tape_benchmark [REPEATS]: a coupling whose network is written in tape operations beside the built-in
// one, forward and backward, at the first level of the middle setting: 8 images of 16x16x12, width 512. The
// built-in one runs twice, as it computes its activations again and as it keeps them in training. They take
// turns; the figures are medians in milliseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <glow/glow.hpp>

namespace glow::benchmarks {
namespace {

// The affine coupling of layers/coupling.hpp as an equation. Its parameters are one network's.
struct TapedCoupling {
  Index width;

  template <class Leaf>
  struct Params {
    Leaf kernel1, bias1, weight2, bias2, kernel3, bias3;
    void visit(auto&& f) {
      f("kernel1", kernel1);
      f("bias1", bias1);
      f("weight2", weight2);
      f("bias2", bias2);
      f("kernel3", kernel3);
      f("bias3", bias3);
    }
  };

  Params<Shape> declare(const Shape& x) const {
    const Index changed = x.back() / 2, kept = x.back() - changed;
    return {{3, 3, kept, width}, {width}, {width, width}, {width}, {3, 3, width, 2 * changed}, {2 * changed}};
  }

  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    const Index changed = x.channels() / 2, kept = x.channels() - changed;
    const V x_b = channels(x, changed, kept), h = network(p, x_b), a = channels(h, changed, changed) + 2;
    logdet += sum_per_sample(log_sigmoid(a));
    return concat_channels(sigmoid(a) * channels(x, 0, changed) + channels(h, 0, changed), x_b);
  }

  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    const Index changed = y.channels() / 2, kept = y.channels() - changed;
    const V y_b = channels(y, changed, kept), h = network(p, y_b), a = channels(h, changed, changed) + 2;
    logdet -= sum_per_sample(log_sigmoid(a));
    return concat_channels((channels(y, 0, changed) - channels(h, 0, changed)) * (1 + exp(-a)), y_b);
  }

  template <class P, class V>
  static V network(const P& p, V x) {
    const V h1 = relu(conv3x3(x, p.kernel1) + p.bias1), h2 = relu(conv1x1(h1, p.weight2) + p.bias2);
    return conv3x3(h2, p.kernel3) + p.bias3;
  }
};

const Shape shape{8, 16, 16, 12};

// A layer on noise, with small random numbers for parameters.
template <class L>
class Case {
 public:
  Case(const L& layer, Activations activations)
      : layer_(layer), parameters_(layer, shape), kept_(activations, std::size_t{1} << 30) {
    initialize_layer<L, float, Cpu>(layer_, parameters_.params(), Random{1, 0});
    fill_normal(parameters_.values(), Random{1, 1});
    for (float& v : parameters_.values()) v *= 0.02f;
    prepare_layer<L, float, Cpu>(layer_, parameters_.params());
    fill_normal(x_.view(), Random{1, 2});
    fill_normal(dx_.view(), Random{1, 3});
  }

  // Milliseconds of a forward and a backward pass.
  double run() {
    const auto start = std::chrono::steady_clock::now();
    View<float> x = x_.view(), dx = dx_.view();
    layer_forward<L, float, Cpu>(layer_, parameters_.params(), x, {logdet_.view(), &kept_});
    layer_backward<L, float, Cpu>(layer_, parameters_.params(), parameters_.gradients(), x, dx,
                                  {dlogdet_.view(), &kept_});
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  L layer_;
  Parameters<L, float> parameters_;
  Kept<Cpu> kept_;
  Tensor<float> x_{shape}, dx_{shape}, logdet_{Shape{shape[0]}}, dlogdet_{Shape{shape[0]}};
};

// A network of TapedCoupling alone: its values, and the gradients of its input and parameters.
class NetworkCase {
 public:
  explicit NetworkCase(Index width) : layer_{width}, parameters_(layer_, shape) {
    fill_normal(parameters_.values(), Random{1, 1});
    for (float& v : parameters_.values()) v *= 0.02f;
    fill_normal(x_.view(), Random{1, 2});
  }

  double run() {
    const auto start = std::chrono::steady_clock::now();
    Tape<float> tape;
    auto& p = parameters_.params();
    auto& g = parameters_.gradients();
    const TapedCoupling::Params<Var<float>> on_tape{
        tape.leaf(p.kernel1, g.kernel1), tape.leaf(p.bias1, g.bias1),     tape.leaf(p.weight2, g.weight2),
        tape.leaf(p.bias2, g.bias2),     tape.leaf(p.kernel3, g.kernel3), tape.leaf(p.bias3, g.bias3)};
    const Var<float> y = TapedCoupling::network(on_tape, tape.variable(x_.view()));
    fill(y.grad(), 1.0f);
    tape.pull_back();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  TapedCoupling layer_;
  Parameters<TapedCoupling, float> parameters_;
  Tensor<float> x_{Shape{shape[0], shape[1], shape[2], shape[3] / 2}};
};

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

}  // namespace
}  // namespace glow::benchmarks

int main(int argc, char** argv) {
  using namespace glow::benchmarks;
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 40;
  if (repeats < 1) {
    std::fprintf(stderr, "usage: glow_tape_benchmark [REPEATS]\n");
    return 2;
  }
  constexpr glow::Index width = 512;
  Case<glow::Coupling> built_in(glow::Coupling(width), glow::Activations::flat),
      keeping(glow::Coupling(width), glow::Activations::fast);
  Case<TapedCoupling> taped(TapedCoupling{width}, glow::Activations::flat);
  NetworkCase network(width);
  std::vector<double> of_built_in, of_keeping, of_taped, of_network;
  for (int i = -1; i < repeats; ++i) {
    const double times[] = {built_in.run(), keeping.run(), taped.run(), network.run()};
    if (i < 0) continue;  // the arenas' growth belongs to no measurement
    of_built_in.push_back(times[0]);
    of_keeping.push_back(times[1]);
    of_taped.push_back(times[2]);
    of_network.push_back(times[3]);
  }
  const double b = median(of_built_in);
  std::printf("coupling %s, width %td, forward and backward, %d threads\n", shape.str().c_str(), width,
              glow::threads());
  const auto print = [&](const char* what, double time) {
    std::printf("%-36s %8.2f ms %6.2f times\n", what, time, time / b);
  };
  print("built-in", b);
  print("built-in, all activations kept", median(of_keeping));
  print("in tape operations", median(of_taped));
  print("its network alone", median(of_network));
}
