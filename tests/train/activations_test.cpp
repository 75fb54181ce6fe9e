#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Gradient of the loss of one batch, after dx [N, H, W, C].
template <class T>
Tensor<T> gradient_with(const Architecture& a, const Shape& image, Index batch, TrainOptions options) {
  Model<Glow, T> model(a, image, 3);
  shake(model.parameters(), T(0.05));
  model.changed();
  Trainer<Glow, T> trainer(model, options);
  auto x = normal<T>(model.batch_shape(batch), 1, T(0.3));
  trainer.loss_gradient(x.view());
  Tensor<T> both(Shape{model.parameters().gradient().size() + x.size()});
  std::copy_n(model.parameters().gradient().data(), model.parameters().gradient().size(), both.data());
  std::copy_n(x.data(), x.size(), both.data() + model.parameters().gradient().size());
  return both;
}

}  // namespace

TEST_CASE("activations: gradients are the same whichever are kept, within a budget or not") {
  // Widths below and above which gradients are summed by groups of images; chunks of images; odd numbers.
  for (const auto& [width, image, batch] : {std::tuple{Index{24}, Shape{8, 8, 3}, Index{40}},
                                            {Index{150}, Shape{8, 12, 2}, Index{5}},
                                            {Index{33}, Shape{32, 32, 1}, Index{3}}}) {
    const Architecture a{.levels = 2, .depth = 3, .width = width, .learn_top_prior = true};
    const auto flat = gradient_with<double>(a, image, batch, {.activations = Activations::flat});
    for (const Activations kept : {Activations::lean, Activations::fast, Activations::automatic}) {
      for (const std::size_t budget : {std::size_t{0}, std::size_t{1} << 19, std::size_t{1} << 30}) {
        INFO("width " << width << ", " << name_of(kept) << ", " << budget << " bytes");
        const auto g =
            gradient_with<double>(a, image, batch, {.activations = kept, .activation_budget = budget});
        CHECK(difference(g, flat) <= 1e-11);
      }
    }
  }
}

TEST_CASE("activations: those of rounded networks are kept as well") {
  const Architecture a{.levels = 2, .depth = 2, .width = 33, .precision = Precision::bf16};
  const auto flat = gradient_with<float>(a, {8, 8, 3}, 6, {.activations = Activations::flat});
  for (const Activations kept : {Activations::lean, Activations::fast}) {
    CHECK(difference(gradient_with<float>(a, {8, 8, 3}, 6, {.activations = kept}), flat) <= 2e-2);
  }
}

TEST_CASE("activations: the budget bounds the memory of what is kept") {
  for (const Activations kept : {Activations::flat, Activations::lean, Activations::fast}) {
    Kept<Cpu> store(kept, 1000);
    const bool lean = kept != Activations::flat, fast = kept == Activations::fast;
    const auto first = store.push({400, 300});
    CHECK((first[0] != nullptr) == lean);
    CHECK((first[1] != nullptr) == fast);
    const auto second = store.push({500, 200});  // 1100 bytes of which lean has 900
    CHECK((second[0] != nullptr) == (lean && !fast));
    CHECK(second[1] == nullptr);
    CHECK(store.push({700, 0})[0] == nullptr);
    store.pop();
    CHECK(store.top() == second);
    store.pop();
    CHECK(store.top() == first);
    store.pop();
    CHECK((store.push({1000, 0})[0] != nullptr) == lean);
  }
  CHECK(contains(message_of([] { activations_of("all"); }), "'all' is none of flat, lean, fast, auto"));
}

TEST_CASE("activations: auto is fast where all fits the budget, else lean") {
  const Coupling layer(10);
  const ActivationBytes bytes = activation_bytes<float>(layer, {2, 3, 5, 4});
  CHECK(bytes == ActivationBytes{30 * (10 + 4) * 4, 30 * 10 * 4});
  KeptGroups<Cpu> enough(Activations::automatic, bytes[0] + bytes[1]),
      scarce(Activations::automatic, bytes[0] + 1);
  enough.prepare(1, bytes);
  scarce.prepare(1, bytes);
  CHECK(enough[0].push(bytes)[1] != nullptr);
  CHECK(scarce[0].push(bytes)[1] == nullptr);
  CHECK(scarce[0].top()[0] != nullptr);
}

TEST_CASE("activations: a forward pass that no backward pass followed leaves nothing behind") {
  KeptGroups<Cpu> groups(Activations::fast, 1000);
  for (int pass = 0; pass < 2; ++pass) {
    groups.prepare(1, {400, 300});
    const auto record = groups[0].push({400, 300});
    CHECK(record[0] != nullptr);
    CHECK(record[1] != nullptr);
  }
}
