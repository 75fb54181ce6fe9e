#include <glow/flow/first_not_finite.hpp>
#include <glow/flow/inverse_errors.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture two_levels{.levels = 2, .depth = 2, .width = 4};

double error_of(const std::vector<InverseError>& errors, const std::string& layer) {
  for (const InverseError& e : errors)
    if (e.layer == layer) return e.error;
  FAIL(layer << " is not among the layers");
  return 0;
}

}  // namespace

TEST_CASE("inverse errors: each layer's is that of its own output, whatever the layers after it do") {
  Model<Glow, double> model(two_levels, {4, 4, 1});
  shake(model.parameters());
  model.changed();
  const auto x = normal(model.batch_shape(5), 1);
  const auto exact = inverse_errors(model, x.view());
  CHECK(exact.size() == 2 + 4 + 8);  // levels, steps, and two for each step
  CHECK(exact.front().layer == "level2/step2/coupling");
  CHECK(exact.back().layer == "level1");
  for (const InverseError& e : exact) {
    INFO(e.layer);
    CHECK(e.error <= 1e-13);
  }

  // A wrong inverse of W is in the derived numbers alone, as long as these are not computed anew.
  model.parameters().entry("level2/step1/conv1x1/inverse").value[0] += 0.5;
  const auto wrong = inverse_errors(model, x.view());
  for (const InverseError& e : wrong) {
    INFO(e.layer << " " << e.error);
    CHECK((e.error > 1e-2) == std::string("level2/step1/actnorm+conv1x1").starts_with(e.layer));
  }
  CHECK(error_of(wrong, "level2/step1/actnorm+conv1x1") == error_of(wrong, "level2/step1"));
  const auto code = model.encode(x.view());
  CHECK(difference(model.decode(code.latents.view()), x) > 1e-2);
  model.changed();
  CHECK(error_of(inverse_errors(model, x.view()), "level2/step1") <= 1e-13);
}

TEST_CASE("inverse errors: of a conditional model, and nobody listens afterwards, even where it throws") {
  Architecture a = two_levels;
  a.classes = 3;
  Model<Glow, double> model(a, {4, 4, 1});
  shake(model.parameters());
  model.changed();
  const auto x = normal(model.batch_shape(3), 1);
  const Tensor<Index> labels = model.labels(std::vector<Index>{2, 0, 1});
  for (const InverseError& e : inverse_errors(model, x.view(), {.labels = labels})) CHECK(e.error <= 1e-13);
  CHECK(contains(message_of([&] { inverse_errors(model, x.view()); }), "a label for each of 1 samples"));
  CHECK(model.encode(x.view(), {.labels = labels}).latents.size() == x.size());
}

TEST_CASE("first not finite: the layer, or what came in, in sampling as in encoding") {
  Model<Glow, double> model(Architecture{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true},
                            {4, 4, 1});
  const auto place_in_sampling = [&] {
    FirstNotFinite<double> probe;
    model.listen(&probe);
    model.sample(2, 1, Random{1, 0});
    model.listen(nullptr);
    return probe.place();
  };
  CHECK(place_in_sampling().empty());
  const View<double> scale = model.parameters().entry("level1/step1/actnorm/log_scale").value;
  scale[0] = -1000;
  model.changed();
  CHECK(place_in_sampling() == "level1/step1/actnorm+conv1x1");
  scale[0] = 0;
  const View<double> prior = model.parameters().entry("top/prior/bias").value;
  prior[prior.size() - 1] = 1000;
  model.changed();
  CHECK(place_in_sampling() == "the input of level2");
}
