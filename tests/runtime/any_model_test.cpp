// AnyModel against the Model that it stands for.
#include <thread>

#include <glow/core/interruptible.hpp>
#include <glow/runtime/any_trainer.hpp>
#include <glow/runtime/nets.hpp>
#include <glow/runtime/open.hpp>

#include "program/child.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

Architecture chosen(Index classes = 0, Shape context = {}) {
  return {.levels = 2,
          .depth = 2,
          .width = 6,
          .learn_top_prior = true,
          .coupling = CouplingMap::exp,
          .permutation = PermutationKind::shuffle,
          .context = context,
          .classes = classes};
}

template <class Net>
Model<Net> any_twin(const Architecture& a, const Shape& sample, Domain domain) {
  Model<Net> model(a, sample, std::move(domain), 5);
  shake(model.parameters(), 0.1f);
  model.changed();
  return model;
}

// A model, its file, and what the file is opened as.
template <class Net = ImageNet>
struct Opened {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "model.safetensors";
  Model<Net> model;
  std::unique_ptr<AnyModel> any;

  explicit Opened(const Architecture& a = chosen(), const Shape& sample = {8, 8, 3},
                  Domain domain = Pixels{5})
      : model(any_twin<Net>(a, sample, std::move(domain))) {
    save(path, model);
    any = open(path, "cpu");
  }
};

}  // namespace

TEST_CASE("any model: its verbs have the bits of the model's") {
  const Opened<> o;
  CHECK(o.any->device() == "cpu");
  CHECK(o.any->sample_shape() == Shape{8, 8, 3});
  CHECK(o.any->domain().bits() == 5);
  CHECK(o.any->levels() == 2);
  CHECK(o.any->parameter_count() == o.model.parameters().values().size());
  const auto x = normal<float>({4, 8, 8, 3}, 1, 0.3f);
  const auto e = o.any->encode(x.view());
  const auto expected = o.model.encode(x.view());
  CHECK(same_bits(e.latents, expected.latents));
  CHECK(same_bits(e.logdet, expected.logdet));
  CHECK(same_bits(o.any->log_prob(x.view()), o.model.log_prob(x.view())));
  CHECK(same_bits(o.any->decode(e.latents.view()), o.model.decode(e.latents.view())));
  const auto samples = o.any->sample(3, 0.7f, Random{1, 2}, 4);
  CHECK(same_bits(samples, o.model.sample(3, 0.7f, Random{1, 2}, 4)));
  Tensor<float> eps(samples.shape());
  o.any->draw(eps.view(), Random{1, 2}, 4);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(eps.size()));
  ops::quantize<float>(samples.view(), 5, pixels);
  CHECK(o.any->sample_pixels(eps.view(), 0.7f) == pixels);
  const std::vector<Random> noise{Random{3, 1}, Random{3, 2}, Random{3, 3}};
  CHECK(o.any->bits_per_dim(pixels, noise, 2) == bits_per_dim(o.model, pixels, noise, 2));
  for (int l = 1; l <= 2; ++l)
    CHECK(same_bits<float>(o.any->latent(l, e.latents.view()), o.model.latent(l, expected.latents.view())));
}

TEST_CASE("any model: of vectors of continuous numbers") {
  const Architecture a{.levels = 1, .depth = 2, .width = 8, .coupling = CouplingMap::spline};
  const Opened<VectorNet> o(a, {3}, Continuous{{1, 2, 3}, {4, 5, 6}});
  const auto x = normal<float>({5, 3}, 1, 4);
  CHECK(same_bits(o.any->log_prob(x.view()), o.model.log_prob(x.view())));
  CHECK(contains(message_of([&] { o.any->sample_pixels(x.view(), 1); }),
                 "continuous numbers, not 8-bit pixels"));
  const auto other = normal<float>({5, 4}, 1);
  CHECK(contains(message_of<ShapeError>([&] { o.any->log_prob(other.view()); }),
                 "log_prob: x: batch 5x4 is not [N, 3] of at least one vector"));
}

TEST_CASE("any model: gradients of log p(x) by x and by the features are those of differences") {
  Architecture a = chosen(0, {4});
  a.coupling = CouplingMap::affine;
  const Opened<> o(a, {4, 4, 2}, Pixels{8});
  auto x = normal<float>({2, 4, 4, 2}, 1, 0.3f), features = normal<float>({2, 4}, 2);
  const auto g = o.any->gradient(x.view(), {.features = features});
  CHECK(same_bits(g.log_p, o.any->log_prob(x.view(), {.features = features})));
  const auto in_double = load<ImageNet, double>(o.path);
  Tensor<double> x2(x.shape()), features2(features.shape());
  std::copy(x.begin(), x.end(), x2.begin());
  std::copy(features.begin(), features.end(), features2.begin());
  const auto sum = [&] {
    const auto log_p = in_double.log_prob(x2.view(), {.features = features2});
    return log_p[0] + log_p[1];
  };
  for (Index i = 0; i < x.size(); i += 7)
    CHECK(std::abs(static_cast<double>(g.x[i]) - central_difference(x2[i], sum)) < 2e-3);
  REQUIRE(g.features.shape() == features.shape());
  for (Index i = 0; i < features.size(); ++i)
    CHECK(std::abs(static_cast<double>(g.features[i]) - central_difference(features2[i], sum)) < 2e-3);
}

TEST_CASE("any model: of classes, by labels that are checked") {
  const Opened<> o(chosen(3), {8, 8, 1}, Pixels{8});
  const auto x = normal<float>({3, 8, 8, 1}, 1, 0.3f);
  const std::vector<Index> labels{2, 0, 1};
  const auto on_device = o.model.labels(labels);
  CHECK(same_bits(o.any->log_prob(x.view(), with_labels(labels)),
                  o.model.log_prob(x.view(), {.labels = on_device})));
  const std::vector<Index> wrong{2, 3, 1};
  CHECK(message_of([&] { o.any->log_prob(x.view(), with_labels(wrong)); }) ==
        "labels: label 3 of sample 1 is not one of 0 to 2");
  CHECK(
      contains(message_of<ShapeError>([&] { o.any->log_prob(x.view()); }), "a label for each of 3 samples"));
  const auto e = o.any->encode(x.view(), with_labels(labels));
  CHECK(o.any->classify(e.latents.view()).size() == 3);
}

TEST_CASE("any model: copies have the same numbers, also in another precision") {
  const Opened<> o;
  const auto x = normal<float>({2, 8, 8, 3}, 1, 0.3f);
  const auto log_p = o.any->log_prob(x.view());
  const auto same = copy_of(*o.any, "cpu");
  CHECK(same_bits(same->log_prob(x.view()), log_p));
  const auto rounded = copy_of(*o.any, "cpu", Precision::bf16);
  CHECK(rounded->architecture().precision == Precision::bf16);
  CHECK(!same_bits(rounded->log_prob(x.view()), log_p));
  CHECK(difference(rounded->log_prob(x.view()), log_p) < 0.02);
}

TEST_CASE("any model: what is not finite is said") {
  const Opened<> o;
  const auto before = o.any->saved().tensors;
  auto tensors = before;
  for (auto& t : tensors) {
    if (t.name == "level1/step1/actnorm/log_scale") fill(t.value.view(), 100.0f);
  }
  o.any->set(tensors);
  auto x = normal<float>({3, 8, 8, 3}, 1, 0.3f);
  CHECK(message_of<NumericError>([&] { o.any->log_prob(x.view()); }) ==
        "the latents of the samples are not all finite; sample 0 is the first of these");
  o.any->set(before);
  x[200] = std::numeric_limits<float>::infinity();
  CHECK(message_of<NumericError>([&] { o.any->log_prob(x.view()); }) ==
        "the latents of the samples are not all finite; sample 1 is the first of these");
}

TEST_CASE("any model: samples that pass in parts have the bits of one batch, and errors name them") {
  const Opened<> o(chosen(3), {8, 8, 1}, Pixels{8});
  const Index part = o.any->samples_at_once(), n = part + 3, numbers = 64;
  const auto x = normal<float>({n, 8, 8, 1}, 1, 0.3f);
  std::vector<Index> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(i % 3);
  const auto context = with_labels(labels);
  const auto of_model = o.model.labels(labels);
  const auto e = o.any->encode(x.view(), context);
  const auto expected = o.model.encode(x.view(), {.labels = of_model});
  CHECK(same_bits(e.latents, expected.latents));
  CHECK(same_bits(e.logdet, expected.logdet));
  CHECK(same_bits(e.logpz, expected.logpz));
  CHECK(same_bits(o.any->log_prob(x.view(), context), o.model.log_prob(x.view(), {.labels = of_model})));
  CHECK(same_bits(o.any->decode(e.latents.view(), context),
                  o.model.decode(expected.latents.view(), {.labels = of_model})));
  CHECK(same_bits(o.any->sample(n, 0.7f, Random{1, 2}, 4, context),
                  o.model.sample(n, 0.7f, Random{1, 2}, 4, {.labels = of_model})));
  Tensor<float> eps(x.shape());
  o.any->draw(eps.view(), Random{1, 2}, 4);
  CHECK(o.any->sample_pixels(eps.view(), 0.7f, context) ==
        o.any->sample_pixels(n, 0.7f, Random{1, 2}, 4, context));
  Tensor<float> latents = expected.latents, logits(Shape{n, 3});
  o.model.classify(latents.view(), logits.view());
  const auto classes = o.any->classify(e.latents.view());
  for (Index i = 0; i < n; ++i) {
    const float* const row = logits.data() + 3 * i;
    CHECK(classes[static_cast<std::size_t>(i)] == std::max_element(row, row + 3) - row);
  }

  auto bad = x;
  bad[(part + 1) * numbers] = std::numeric_limits<float>::infinity();
  CHECK(message_of<NumericError>([&] { o.any->log_prob(bad.view(), context); }) ==
        join("the latents of the samples are not all finite; sample ", part + 1, " is the first of these"));
  labels.back() = 3;
  CHECK(message_of([&] { o.any->encode(x.view(), context); }) ==
        join("labels: label 3 of sample ", n - 1, " is not one of 0 to 2"));
  labels.pop_back();
  CHECK(contains(message_of<ShapeError>([&] {
                   o.any->sample(n, 1, Random{1, 2}, 0, with_labels(labels));
                 }),
                 join("Model::sample: labels ", n - 1, " for ", n, " samples")));
}

TEST_CASE("any model: gradients that pass in parts are those of a batch") {
  const Opened<> o(chosen(0, {4}), {4, 4, 2}, Pixels{8});
  const Index n = o.any->samples_at_once() + 2;
  const auto x = normal<float>({n, 4, 4, 2}, 1, 0.3f), features = normal<float>({n, 4}, 2);
  const auto g = o.any->gradient(x.view(), {.features = features});
  const auto last = o.any->gradient(x.view().samples(n - 2, 2), {.features = features.samples(n - 2, 2)});
  CHECK(same_bits<float>(g.log_p.samples(n - 2, 2), last.log_p.view()));
  CHECK(same_bits<float>(g.x.samples(n - 2, 2), last.x.view()));
  CHECK(same_bits<float>(g.features.samples(n - 2, 2), last.features.view()));
  const Opened<> plain;
  const auto y = normal<float>({2, 8, 8, 3}, 1, 0.3f);
  CHECK(plain.any->gradient(y.view()).features.size() == 0);
}

TEST_CASE("any model: calls are interrupted between parts") {
  const Opened<> o;
  const Index part = o.any->samples_at_once(), n = 3 * part;
  const auto x = normal<float>({n, 8, 8, 3}, 1, 0.3f);
  int asked = 0;
  struct Ended {};
  {
    const Interruptible interruptible([&] {
      if (++asked == 2) throw Ended();
    });
    CHECK_THROWS_AS(o.any->log_prob(x.view()), Ended);
    CHECK(asked == 2);
    {
      const Interruptible inner([] {});
      CHECK_NOTHROW(o.any->sample(2, 1, Random{1, 0}));
    }
    asked = 0;
    CHECK_THROWS_AS(o.any->sample(n, 1, Random{1, 0}), Ended);
    asked = 1;
    CHECK_THROWS_AS(o.any->bits_per_dim(std::vector<std::uint8_t>(8 * 8 * 3), Random{1, 0}), Ended);
  }
  CHECK(o.any->log_prob(x.view()).size() == n);
  CHECK(asked == 2);
}

TEST_CASE("any model: it trains as a Trainer does") {
  std::vector<std::uint8_t> pixels(8 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 37 % 251);
  const auto any = make_model({.architecture = chosen(), .sample = {8, 8, 1}}, "cpu", 3);
  const auto trainer = any->trainer(TrainOptions{});
  Model<ImageNet> model(chosen(), Shape{8, 8, 1}, Pixels{8}, 3);
  Trainer<ImageNet> expected(model, {});
  trainer->start(pixels);
  expected.start(pixels);
  trainer->submit(pixels);
  CHECK(trainer->wait().bits_per_dim == expected.step(pixels).bits_per_dim);
  const auto x = normal<float>({4, 8, 8, 1}, 1, 0.3f);
  CHECK(trainer->step_on(x.view()).bits_per_dim == expected.step_on(x.view()).bits_per_dim);
  CHECK(same_bits(any->log_prob(x.view()), model.log_prob(x.view())));
}

TEST_CASE("any model: one that was opened is used by many threads at once") {
  const Opened<> o;
  const AnyModel& any = *o.any;
  const auto x = normal<float>({4, 8, 8, 3}, 1, 0.3f);
  const auto log_p = any.log_prob(x.view()), samples = any.sample(4, 1, Random{1, 0});
  std::vector<int> right(8, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        right[t] += same_bits(any.log_prob(x.view()), log_p);
        right[t] += same_bits(any.sample(4, 1, Random{1, 0}), samples);
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(right == std::vector<int>(8, 10));
}

TEST_CASE("any model: files of other nets are refused by what they are") {
  const TemporaryFolder folder;
  const auto path = folder / "a";
  const auto refused = [&](const auto& model) {
    save(path, model);
    const std::string text = message_of<CheckpointError>([&] { open(path, "cpu"); });
    const std::string lead = "'" + path.string() + "': ";
    return text.starts_with(lead) ? text.substr(lead.size()) : "not named: " + text;
  };
  const Architecture a{.levels = 1, .depth = 1, .width = 4};
  using First = CouplingOf<SigmoidAffine, ConvNet, Condition::on_first_half>;
  using TwoCouplings = Flow<ActNorm, Conv1x1, Repeat<Coupling, 2>>;
  CHECK(refused(Model<MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Conv1x1, First>>>>>(a, Shape{4, 4, 1})) ==
        "its couplings read the first half of the channels; only load can take it");
  CHECK(refused(Model<MultiScale<Flow<Squeeze, Repeat<TwoCouplings>>>>(a, Shape{4, 4, 1})) ==
        "there is no tensor named 'level1/step1/coupling/conv1/kernel'");
  CHECK(
      refused(Model<Glow>(Glow(1, Level(Squeeze(), Repeat<Step>(1, Step(ActNorm(), Conv1x1(), Coupling(4))))),
                          {4, 4, 1})) ==
      "its net was made of its parts, not from an Architecture; only load_as can take it");
  CHECK(message_of([&] { resolve_device("gpu"); }) == "device: 'gpu' is none of auto, cpu, cuda");
}
