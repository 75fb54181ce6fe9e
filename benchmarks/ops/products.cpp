// Ops and layers that are matrix products for the most part: their FLOPs as a share of SGEMM's rate, at the
// shapes of the middle setting's levels.
#include "ops/layer_case.hpp"
#include "ops/registered.hpp"

namespace glow::benchmarks {
namespace {

double pixels(const Shape& x) { return static_cast<double>(x.size() / x.back()); }

// `make()` gives a shared LayerCase<L>. Its backward computes the forward's products once more, and twice as
// many for the gradients.
template <class L, class Make>
void add_layer(const std::string& layer, const std::string& size, double flops, Make make) {
  const auto add_verb = [&](const std::string& verb, double times, void (LayerCase<L>::*run)()) {
    add(layer + "_" + verb + "/" + size, {.flops = times * flops},
        [make, run] { return [run, c = make()] { ((*c).*run)(); }; });
  };
  add_verb("forward", 1, &LayerCase<L>::forward);
  add_verb("inverse", 1, &LayerCase<L>::inverse);
  add_verb("backward", 3, &LayerCase<L>::backward);
}

void register_conv1x1(const Shape& x) {
  const double c = static_cast<double>(x.back());
  add_layer<Conv1x1>("conv1x1", x.str(), 2 * pixels(x) * c * c,
                     [x] { return std::make_shared<LayerCase<Conv1x1>>(Conv1x1(), x); });
}

void register_coupling(const Shape& x, Index width) {
  const Index a = x.back() / 2, c = x.back() - a;
  const double numbers = static_cast<double>(9 * c * width + width * width + 9 * width * 2 * a);
  add_layer<Coupling>("coupling", join(x, "/width", width), 2 * pixels(x) * numbers, [x, width, a] {
    const auto layer = std::make_shared<LayerCase<Coupling>>(Coupling(width), x);
    // Scales of almost 1, so that numbers stay where they are.
    for (Index i = a; i < 2 * a; ++i) layer->params().conv3.bias[i] = 10;
    return layer;
  });
}

// The convolution of a split prior: from the half that goes on to the other's mean and deviation.
struct Conv3x3Case {
  Tensor<float> kernel, packed, packed_t, bias, x, y, dx, d_kernel, d_bias;

  explicit Conv3x3Case(const Shape& in)
      : kernel(Shape{3, 3, in[3], 2 * in[3]}),
        packed(ops::packed_shape(9 * in[3], 2 * in[3])),
        packed_t(ops::packed_shape(9 * 2 * in[3], in[3])),
        bias(Shape{2 * in[3]}),
        x(in),
        y({in[0], in[1], in[2], 2 * in[3]}),
        dx(in),
        d_kernel(kernel.shape()),
        d_bias(bias.shape()) {
    fill_normal(kernel.view(), Random{1, 0});
    fill_normal(x.view(), Random{1, 1});
    fill_normal(y.view(), Random{1, 2});
    fill_normal(bias.view(), Random{1, 3});
    conv3x3_pack(View<const float>(kernel), packed.view(), packed_t.view());
  }
  void forward() { conv3x3_forward(packed.view(), bias.view(), View<const float>(x), y.view()); }
  void backward() {
    conv3x3_backward(packed_t.view(), d_kernel.view(), d_bias.view(), View<const float>(x),
                     View<const float>(y), dx.view());
  }
};

void register_conv3x3(const Shape& x) {
  const double c = static_cast<double>(x.back()), flops = 2 * pixels(x) * 9 * c * 2 * c;
  add("conv3x3_forward/" + x.str(), {.flops = flops},
      [x] { return [c = std::make_shared<Conv3x3Case>(x)] { c->forward(); }; });
  add("conv3x3_backward/" + x.str(), {.flops = 2 * flops},
      [x] { return [c = std::make_shared<Conv3x3Case>(x)] { c->backward(); }; });
}

}  // namespace

void register_products() {
  const Shape levels[] = {{8, 16, 16, 12}, {8, 8, 8, 24}, {8, 4, 4, 48}};
  for (const Shape& x : levels) {
    register_conv1x1(x);
    register_coupling(x, 512);
  }
  register_coupling({64, 4, 4, 4}, 64);
  register_conv3x3({8, 16, 16, 6});
  register_conv3x3({8, 8, 8, 12});
}

}  // namespace glow::benchmarks
