#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture of_classes{.levels = 2, .depth = 1, .width = 4, .classes = 3, .embedding = 2};
const Architecture of_features{.levels = 2, .depth = 1, .width = 4, .context = {2}};
const Architecture of_pictures{.levels = 2, .depth = 1, .width = 4, .context = {8, 4, 1}};

Tensor<Index> labels_of(std::initializer_list<Index> labels) {
  Tensor<Index> t(Shape{static_cast<Index>(labels.size())});
  std::copy(labels.begin(), labels.end(), t.begin());
  return t;
}

Model<Glow, double> shaken(const Architecture& a) {
  Model<Glow, double> model(a, {8, 4, 1}, 5);
  shake(model.parameters());
  model.changed();
  return model;
}

// A context of 4 samples, in memory that lives as long as it.
struct Given {
  Tensor<Index> labels = labels_of({2, 0, 1, 2});
  Tensor<double> features;
  Context<double> context;

  explicit Given(const Architecture& a) {
    if (a.classes > 0) {
      context.labels = labels;
      return;
    }
    features = normal(a.context.rank() == 1 ? Shape{4, 2} : Shape{4, 8, 4, 1}, 3);
    context.features = features;
  }
};

void check_slope(double numeric, double gradient) {
  CHECK(std::abs(numeric - gradient) <= 1e-6 * std::max(1.0, std::abs(gradient)));
}

}  // namespace

TEST_CASE("context: a model with one encodes, decodes and samples by it") {
  for (const Architecture& a : {of_classes, of_features, of_pictures}) {
    const auto model = shaken(a);
    const Given given(a);
    const auto x = normal(model.batch_shape(4), 1, 0.3);
    const auto code = model.encode(x.view(), given.context);
    CHECK(difference(model.decode(code.latents.view(), given.context), x) <= 1e-11);
    const auto drawn = model.sample(4, 0.7, {1, 2}, 0, given.context);
    const auto again = model.encode(drawn.view(), given.context);
    CHECK(difference(model.decode(again.latents.view(), given.context), drawn) <= 1e-11);
  }
}

TEST_CASE("context: densities are those of each sample's own") {
  const auto model = shaken(of_classes);
  auto x = normal(model.batch_shape(3), 1, 0.3);
  const auto first = Tensor<double>(View<const double>(x.view().samples(0, 1)));
  for (Index n = 1; n < 3; ++n) copy<double>(View<const double>(first), x.view().samples(n, 1));
  const auto labels = labels_of({0, 1, 0});
  const auto p = model.log_prob(x.view(), {.labels = labels});
  CHECK(p[0] == p[2]);
  CHECK(std::abs(p[0] - p[1]) > 1e-3);
}

TEST_CASE("context: with priors alone, latents do not depend on it and densities do") {
  auto a = of_classes;
  a.conditional = Conditional::priors;
  const auto model = shaken(a);
  const auto x = normal(model.batch_shape(2), 1, 0.3);
  const auto zeros = labels_of({0, 0}), ones = labels_of({1, 1});
  const auto by_zeros = model.encode(x.view(), {.labels = zeros});
  const auto by_ones = model.encode(x.view(), {.labels = ones});
  CHECK(same_bits(by_zeros.latents, by_ones.latents));
  CHECK(difference(by_zeros.logpz, by_ones.logpz) > 1e-3);
}

TEST_CASE("context: the loss has its gradient, by embeddings, classifier and features") {
  for (const Architecture& a : {of_classes, of_features, of_pictures}) {
    auto model = shaken(a);
    Given given(a);
    Trainer<Glow, double> trainer(model, {.classifier_weight = 0});
    const auto x = normal(model.batch_shape(4), 1, 0.3);
    const auto objective = [&] {
      model.changed();
      Tensor<double> once = x;
      return trainer.loss_gradient(once.view(), given.context);
    };
    Tensor<double> d_features(given.features.shape());
    auto backward = given.context;
    if (!given.features.view().empty()) backward.d_features = d_features.view();
    Tensor<double> dx = x;
    trainer.loss_gradient(dx.view(), backward);
    const Tensor<double> gradient(View<const double>(model.parameters().gradient()));
    for (Index i = 0; i < gradient.size(); i += 1 + gradient.size() / 300)
      check_slope(central_difference(model.parameters().values()[i], objective), gradient[i]);
    for (Index i = 0; i < given.context.features.size(); i += 3)
      check_slope(central_difference(given.features[i], objective), d_features[i]);
    if (a.classes == 0) continue;
    for (double& v : model.parameters().entry("classes/embedding").value) {
      const auto at = &v - model.parameters().values().data();
      CHECK(gradient[at] != 0);
      check_slope(central_difference(v, objective), gradient[at]);
    }
  }
}

TEST_CASE("context: the classifier's loss is the cross-entropy of its logits, with its gradient") {
  auto model = shaken(of_classes);
  const auto labels = labels_of({2, 0, 1, 2});
  auto z = normal(model.batch_shape(4), 1);
  Tensor<double> dz(z.shape()), logits({4, 3}), result(Shape{2});
  model.classifier_loss(z.view(), dz.view(), labels, 0.3, 1, result.view());
  const Tensor<double> gradient(View<const double>(model.parameters().gradient()));
  const auto loss = [&] {
    model.classify(z.view(), logits.view());
    double sum = 0;
    for (Index n = 0; n < 4; ++n) {
      double all = 0;
      for (Index k = 0; k < 3; ++k) all += std::exp(logits[n * 3 + k]);
      sum -= std::log(std::exp(logits[n * 3 + labels[n]]) / all);
    }
    return sum / 4;
  };
  CHECK(std::abs(loss() - result[0]) <= 1e-12);
  for (Index i = 0; i < z.size(); ++i) check_slope(0.3 * central_difference(z[i], loss), dz[i]);
  for (const char* const name : {"classes/head/weight", "classes/head/bias"}) {
    for (double& v : model.parameters().entry(name).value)
      check_slope(0.3 * central_difference(v, loss), gradient[&v - model.parameters().values().data()]);
  }
  double right = 0;
  for (Index n = 0; n < 4; ++n) {
    const double* row = logits.data() + n * 3;
    right += std::max_element(row, row + 3) - row == labels[n];
  }
  CHECK(result[1] == right / 4);
}

TEST_CASE("context: training learns to tell classes apart, the same bits on any number of threads") {
  const Architecture a{.levels = 2, .depth = 2, .width = 8, .classes = 2, .embedding = 2};
  const auto run = [&] {
    Model<Glow> model(a, {8, 8, 1}, Pixels{5});
    Trainer<Glow> trainer(model, {});
    double accuracy = 0;
    for (std::uint64_t step = 0; step < 40; ++step) {
      std::vector<std::uint8_t> pixels;
      std::vector<Index> labels;
      for (std::uint64_t i = 0; i < 16; ++i) {  // bright on the left, or on the right
        labels.push_back(static_cast<Index>(Random{1, step}.words(i)[0] % 2));
        for (Index p = 0; p < 64; ++p) {
          const auto noise = static_cast<std::uint8_t>(
              Random{2, step}.words(i * 64 + static_cast<std::uint64_t>(p))[0] % 60);
          pixels.push_back(
              static_cast<std::uint8_t>((p % 8 < 4) == (labels.back() == 0) ? 180 + noise : noise));
        }
      }
      if (step == 0) trainer.start(pixels, labels);
      accuracy = trainer.step(pixels, labels).accuracy;
    }
    CHECK(accuracy >= 0.9);
    return Tensor<float>(View<const float>(model.parameters().values()));
  };
  const int before = threads();
  set_threads(1);
  const auto one = run();
  set_threads(3);
  CHECK(same_bits(run(), one));
  set_threads(before);
}

TEST_CASE("context: one that is missing, of another count or kind, or out of range is refused by name") {
  const auto model = shaken(of_classes), plain = shaken({.levels = 2, .depth = 1, .width = 4}),
             by_features = shaken(of_features);
  const auto x = normal(model.batch_shape(2), 1);
  const auto three = labels_of({0, 1, 2}), two = labels_of({0, 1}), wrong = labels_of({0, 3});
  const auto features = normal({2, 3}, 1);
  const auto refusal = [&](const Model<Glow, double>& m, const Context<double>& c) {
    return message_of([&] { m.log_prob(x.view(), c); });
  };
  CHECK(contains(refusal(model, {}), "a label for each of 2 samples is needed, and there are none"));
  CHECK(contains(refusal(model, {.labels = three}), "labels 3 for 2 samples"));
  CHECK(contains(refusal(model, {.labels = wrong}), "label 3 of sample 1 is not one of 0 to 2"));
  CHECK(contains(refusal(model, {.labels = two, .features = features}), "whose context is a label"));
  CHECK(contains(refusal(plain, {.labels = two}), "labels 2 for a model without classes"));
  CHECK(contains(refusal(plain, {.features = features}), "features 2x3 for a model without a context"));
  CHECK(contains(refusal(by_features, {}), "features 2x2 are needed, and there are none"));
  CHECK(contains(refusal(by_features, {.features = features}), "features 2x3 must be 2x2"));
  CHECK(contains(message_of([&] {
                   (void)model.labels(std::vector<Index>{1, -1});
                 }),
                 "labels: label -1 of sample 1 is not one of 0 to 2"));
  CHECK(contains(message_of([&] { (void)plain.labels(std::vector<Index>{1}); }), "has no classes"));
  CHECK(contains(message_of([] { shaken({.levels = 1, .depth = 1, .width = 4, .classes = 1}); }),
                 "classes: 1 must be at least 2"));
  CHECK(contains(message_of([] {
                   shaken({.levels = 1, .depth = 1, .width = 4, .context = {5, 4, 1}});
                 }),
                 "its height and width must be multiples"));
  Model<Glow> trained({.levels = 1, .depth = 1, .width = 4, .classes = 2}, {2, 2, 1});
  Trainer<Glow> trainer(trained, {});
  const std::vector<std::uint8_t> pixels(8);
  CHECK(contains(message_of([&] { trainer.step(pixels); }), "0 labels for 2 images of a model with classes"));
  CHECK(contains(message_of([&] { trainer.step(pixels, std::vector<Index>{0, 2}); }), "label 2 of sample 1"));
  CHECK(trainer.steps() == 0);
}
