// The network of a coupling against plain loops over its equation, with and without its options.
#include <vector>

#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

constexpr ConvNetOptions all{.actnorm = true, .scaled_output = true, .edges = true};
constexpr ConvNetOptions some_options[] = {
    {}, {.actnorm = true}, {.scaled_output = true}, {.edges = true}, all};

// What a channel that marks the edge is within the image and around it.
struct Edge {
  double inside = 1, outside = 0;
};

// The sum over taps and input channels at pixel (row, column) of x [H, W, C], with zeros around the image.
// The kernel may have one more channel, which is `edge`.
double convolved(const std::vector<double>& x, Index height, Index width, View<const double> kernel,
                 Index row, Index column, Index o, Edge edge) {
  const Shape k = kernel.shape();
  const Index inputs = static_cast<Index>(x.size()) / (height * width);
  double sum = 0;
  for (Index dy = 0; dy < 3; ++dy) {
    for (Index dx = 0; dx < 3; ++dx) {
      const Index r = row + dy - 1, c = column + dx - 1;
      const bool inside = r >= 0 && r < height && c >= 0 && c < width;
      const auto weight = [&](Index i) { return kernel[((dy * 3 + dx) * k[2] + i) * k[3] + o]; };
      if (k[2] > inputs) sum += (inside ? edge.inside : edge.outside) * weight(inputs);
      for (Index i = 0; inside && i < inputs; ++i)
        sum += x[static_cast<std::size_t>((r * width + c) * inputs + i)] * weight(i);
    }
  }
  return sum;
}

// exp(factor log_scale), or 1 where there is none.
double scale_of(const NetConvolution<View<double>>& conv, Index o, double factor) {
  return conv.log_scale ? std::exp(factor * (*conv.log_scale)[o]) : 1;
}

// What a layer makes of x [H, W, C] before ReLU.
std::vector<double> layer(const NetConvolution<View<double>>& conv, const std::vector<double>& x,
                          Index height, Index width, double factor, Edge edge = {}) {
  std::vector<double> y;
  for (Index row = 0; row < height; ++row) {
    for (Index column = 0; column < width; ++column) {
      for (Index o = 0; o < conv.bias.size(); ++o) {
        double sum = 0;
        if (conv.kernel.shape().rank() == 4) {
          sum = convolved(x, height, width, conv.kernel, row, column, o, edge);
        } else {
          const Index inputs = conv.kernel.shape()[0];
          for (Index i = 0; i < inputs; ++i) {
            sum += x[static_cast<std::size_t>((row * width + column) * inputs + i)] *
                   conv.kernel[i * conv.bias.size() + o];
          }
        }
        y.push_back((sum + conv.bias[o]) * scale_of(conv, o, factor));
      }
    }
  }
  return y;
}

std::vector<double> rectified(std::vector<double> x) {
  for (double& v : x) v = std::max(v, 0.0);
  return x;
}

// The network's output for x [H, W, c].
std::vector<double> network(const ConvNet::Params<View<double>>& p, const std::vector<double>& x,
                            Index height, Index width, Edge edge = {}) {
  const auto h1 = rectified(layer(p.conv1, x, height, width, 1, edge));
  const auto h2 = rectified(layer(p.conv2, h1, height, width, 1));
  return layer(p.conv3, h2, height, width, 3, edge);
}

// Channels first ... first + count - 1 of image n of x [N, H, W, C].
std::vector<double> part(const Tensor<double>& x, Index n, Index first, Index count) {
  const Index c = x.shape()[3], pixels = x.shape()[1] * x.shape()[2];
  std::vector<double> of;
  for (Index p = n * pixels; p < (n + 1) * pixels; ++p) {
    for (Index i = 0; i < count; ++i) of.push_back(x[p * c + first + i]);
  }
  return of;
}

// A coupling that adds the network's output: x_a + h, so that y tells h.
using AdditiveCoupling = CouplingOf<Additive>;

}  // namespace

TEST_CASE("ConvNet: its output is that of plain loops over its equation, with every option") {
  for (const ConvNetOptions& options : some_options) {
    for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{1, 1, 1, 2}, Shape{2, 2, 5, 3}}) {
      INFO(options.actnorm << options.scaled_output << options.edges << " " << shape);
      const AdditiveCoupling coupling(ConvNet(7, Precision::full, options));
      SubjectOf<AdditiveCoupling, double> s(coupling, coupling, shape);
      const auto x = normal(shape, 1);
      const auto y = Shaken<double>(s).forward(x);
      const Index changed = shape[3] / 2, read = shape[3] - changed;
      for (Index n = 0; n < shape[0]; ++n) {
        const auto h = network(s.own.params(), part(x, n, changed, read), shape[1], shape[2]);
        const auto x_a = part(x, n, 0, changed), y_a = part(y, n, 0, changed);
        for (std::size_t i = 0; i < h.size(); ++i) CHECK(std::abs(y_a[i] - x_a[i] - h[i]) <= 1e-12);
      }
    }
  }
}

TEST_CASE("ConvNet: options add their parameters, and none without them") {
  const auto names = [](const ConvNetOptions& options) {
    const Coupling coupling(ConvNet(7, Precision::full, options));
    Parameters<Coupling, float> p(coupling, {1, 4, 4, 6});
    std::vector<std::string> of;
    for (const auto& e : p.entries()) {
      if (is_trainable(e.role)) of.push_back(e.name);
    }
    return of;
  };
  CHECK(names({}) == std::vector<std::string>{"conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias",
                                              "conv3/kernel", "conv3/bias"});
  CHECK(names(all) == std::vector<std::string>{"conv1/kernel", "conv1/bias", "conv1/log_scale",
                                               "conv2/kernel", "conv2/bias", "conv2/log_scale",
                                               "conv3/kernel", "conv3/bias", "conv3/log_scale"});
  CHECK(ConvNet(Architecture{.network = {.actnorm = true}}).options().actnorm);
}

TEST_CASE("ConvNet: an edge channel that is 1 around the image is the same with other numbers") {
  const Shape shape{2, 4, 3, 6};
  const AdditiveCoupling coupling(ConvNet(7, Precision::full, all));
  SubjectOf<AdditiveCoupling, double> s(coupling, coupling, shape);
  start_shaken(s);
  const auto x = part(normal(shape, 1), 1, 3, 3);
  auto& p = s.own.params();
  const auto ours = network(p, x, 4, 3, {.inside = 1, .outside = 0});
  for (const NetConvolution<View<double>>* conv : {&p.conv1, &p.conv3}) {
    const Index outputs = conv->bias.size(), last = conv->kernel.shape()[2] - 1;
    for (Index tap = 0; tap < 9; ++tap) {
      for (Index o = 0; o < outputs; ++o) {
        double& weight = conv->kernel[(tap * (last + 1) + last) * outputs + o];
        conv->bias[o] += weight;
        weight = -weight;
      }
    }
  }
  const auto published = network(p, x, 4, 3, {.inside = 0, .outside = 1});
  for (std::size_t i = 0; i < ours.size(); ++i) CHECK(std::abs(published[i] - ours[i]) <= 1e-12);
}

TEST_CASE("ConvNet: an ActNorm in a hidden layer starts so that its units have mean 0 and deviation 1") {
  const bool edges = GENERATE(false, true);
  const Coupling coupling(ConvNet(5, Precision::full, {.actnorm = true, .edges = edges}));
  const Shape shape{6, 4, 4, 6};
  Parameters<Coupling, double> p(coupling, shape);
  initialize_layer<Coupling, double, Cpu>(coupling, p.params(), Random{7, 7});
  const auto x = normal<double>(shape, 1, 3);
  Tensor<double> y = x;
  View<double> at = y.view();
  start_layer<Coupling, double, Cpu>(coupling, p.params(), at, {});

  std::vector<std::vector<double>> units(10);  // of both layers, before ReLU
  for (Index n = 0; n < shape[0]; ++n) {
    const auto h1 = layer(p.params().conv1, part(x, n, 3, 3), 4, 4, 1);
    const auto h2 = layer(p.params().conv2, rectified(h1), 4, 4, 1);
    for (std::size_t i = 0; i < h1.size(); ++i) {
      units[i % 5].push_back(h1[i]);
      units[5 + i % 5].push_back(h2[i]);
    }
  }
  for (const auto& unit : units) {
    double mean = 0, square = 0;
    for (const double v : unit) mean += v, square += v * v;
    const double count = static_cast<double>(unit.size());
    CHECK(std::abs(mean / count) <= 1e-12);
    CHECK(std::abs(square / count - 1) <= 1e-12);
  }
  // The output is zero as ever, so the coupling is still that of its start.
  for (Index i = 0; i < y.size(); ++i) {
    CHECK(std::abs(y[i] - (i % 6 < 3 ? x[i] / (1 + std::exp(-2.0)) : x[i])) <= 1e-12);
  }
}
