#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// The names of a layer's tensors for inputs of four channels.
template <class L>
std::vector<std::string> names_of(const L& layer) {
  const Parameters<L, float> p(layer, {1, 4, 4, 4});
  std::vector<std::string> names;
  for (const auto& e : p.entries()) names.push_back(e.name);
  return names;
}

}  // namespace

TEST_CASE("any permutation: by lu it is Conv1x1, under its names and with the same bits in every verb") {
  using Any = Repeat<Flow<ActNorm, AnyPermutation, AnyCoupling>>;
  const Architecture a{.depth = 2, .width = 8};
  CHECK(names_of(Any(a)) == names_of(Repeat<Step>(a)));
  CHECK(AnyPermutation().chosen_name() == "conv1x1");

  const Shape shape{3, 4, 2, 4};
  const auto run = [&]<class L>(const L& layer) {
    Parameters<L, float> p(layer, shape);
    initialize_layer<L, float, Cpu>(layer, p.params(), Random{1, 2});
    shake(p, 0.1f);
    prepare_layer<L, float, Cpu>(layer, p.params());
    auto x = normal<float>(shape, 3), dx = normal<float>(shape, 4), logdet = normal<float>({3}, 5);
    View<float> at = x.view(), d_at = dx.view();
    std::vector<float> results;
    const auto add = [&](const auto& t) { results.insert(results.end(), t.begin(), t.end()); };
    layer_forward<L, float, Cpu>(layer, p.params(), at, logdet.view());
    add(x), add(logdet);
    layer_inverse<L, float, Cpu>(layer, p.params(), at, logdet.view());
    add(x), add(logdet);
    layer_forward<L, float, Cpu>(layer, p.params(), at, View<float>());
    layer_backward<L, float, Cpu>(layer, p.params(), p.gradients(), at, d_at, logdet.view());
    add(x), add(dx), add(p.gradient());
    return results;
  };
  CHECK(run(Any(a)) == run(Repeat<Step>(a)));
}

TEST_CASE("any permutation: a shuffle and a reversal have an order, and nothing to train") {
  for (const PermutationKind kind : {PermutationKind::shuffle, PermutationKind::reverse}) {
    const AnyPermutation layer(kind);
    CHECK(names_of(layer) == std::vector<std::string>{"permutation/order"});
    CHECK(layer.chosen_name() == "permutation");
    Parameters<AnyPermutation, float> p(layer, {1, 5});
    CHECK(p.values().size() == 0);
  }
}
