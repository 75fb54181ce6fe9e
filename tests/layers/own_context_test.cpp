// A user's layer that reads the context, as docs/layers.md has it.
#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

/// y = x + W^T c, where c is the context of a pixel.
struct ShiftByContext {
  static constexpr std::string_view name = "shift_by_context";

  template <class Leaf>
  struct Params {
    Leaf weight;  // W [K, C]
    void visit(auto&& f) { f("weight", weight); }
  };

  explicit ShiftByContext(const Architecture& a) : context_(layer_context(a)) {}

  Params<Shape> declare(const Shape& x) const { return {{context_channels(context_, x), x.back()}}; }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    add_shift(p, x, pass, T(1));
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, PassOf<T, D> pass) const {
    add_shift(p, y, pass, T(-1));
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                PassOf<T, D> pass) const {
    const JoinedContext<T, D> joined(name, context_, View<T, D>(), 0, y.shape(), pass, true);
    const View<T, D> c = joined.values(), dc = joined.gradient();
    for_each_product(c, dy, [&](Index of_c, Index of_w, Index of_y) {
      grad.weight[of_w] += c[of_c] * dy[of_y];
      dc[of_c] += p.weight[of_w] * dy[of_y];
    });
    joined.pull_back(View<T, D>(), pass);
    inverse(p, y, pass);
  }

 private:
  template <class T, class D>
  void add_shift(const Params<View<T, D>>& p, View<T, D> x, const Pass<T, D>& pass, T sign) const {
    const JoinedContext<T, D> joined(name, context_, View<T, D>(), 0, x.shape(), pass);
    const View<T, D> c = joined.values();
    for_each_product(c, x,
                     [&](Index of_c, Index of_w, Index of_x) { x[of_x] += sign * p.weight[of_w] * c[of_c]; });
  }

  // Calls fn with the places in c [..., K], W [K, C] and x [..., C] of every product.
  template <class T, class D, class F>
  static void for_each_product(View<T, D> c, View<T, D> x, F fn) {
    const Index k = c.channels(), channels = x.channels();
    for (Index row = 0; row < x.rows(); ++row)
      for (Index i = 0; i < k; ++i)
        for (Index j = 0; j < channels; ++j) fn(row * k + i, i * channels + j, row * channels + j);
  }

  Shape context_;
};

}  // namespace

TEST_CASE("own context: a user's layer that reads the context passes the laws") {
  check_laws(ShiftByContext(Architecture{.context = {3}}), {2, 2, 3, 4}, {2, 3});
  check_laws(ShiftByContext(Architecture{.context = {4, 6, 2}}), {2, 2, 3, 4}, {2, 4, 6, 2});
  check_laws(ShiftByContext(Architecture{.context = {3}}), {2, 4}, {2, 3});
}

TEST_CASE("own context: a model hands it to the layer, which refuses by its own name to do without") {
  using Net = MultiScale<Flow<Squeeze, ShiftByContext, Coupling>>;
  Architecture a{.levels = 1, .width = 4, .context = {2, 2, 1}};
  Model<Net, double> model(a, {4, 4, 1}, 1);
  shake(model.parameters());
  model.changed();
  const auto x = normal(model.batch_shape(2), 1), given = normal({2, 2, 2, 1}, 2);
  const Context<double> context{.features = given};
  const auto code = model.encode(x.view(), context);
  CHECK(difference(model.decode(code.latents.view(), context), x) <= 1e-12);

  ShiftByContext layer(a);
  Tensor<double> weight({1, 4}), y({2, 2, 2, 4});
  const ShiftByContext::Params<View<double>> p{weight};
  CHECK(contains(message_of([&] { layer.forward<double, Cpu>(p, y, {}); }),
                 "shift_by_context: a context 2x2x2x1 is needed, but none given"));
}
