#include <algorithm>
#include <limits>
#include <mutex>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Writes down what it is told: "> path" before a layer, "< path" after it, and where the first number that is
// not finite came out.
struct Notes : Probe<double> {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::string first_bad;

  void before(const LayerPlace& place, Verb, View<double>) override {
    const std::lock_guard<std::mutex> lock(mutex);
    lines.push_back("> " + place.path());
  }
  void after(const LayerPlace& place, Verb, View<double> x) override {
    const std::lock_guard<std::mutex> lock(mutex);
    lines.push_back("< " + place.path());
    const bool finite = std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
    if (!finite && first_bad.empty()) first_bad = place.path();
  }
};

const Architecture small{.levels = 2, .depth = 2, .width = 4};

}  // namespace

TEST_CASE("probe: it hears of all layers by their parameters' names, in order, both ways") {
  Model<Glow, double> model(small, {4, 4, 1});
  Notes notes;
  model.listen(&notes);
  const auto x = normal(model.batch_shape(2), 1);
  const int before = threads();
  set_threads(1);  // so that the images pass in one group
  model.encode(x.view());
  const std::vector<std::string> start(notes.lines.begin(), notes.lines.begin() + 8);
  CHECK(start == std::vector<std::string>{"> level1", "> level1/step1", "> level1/step1/actnorm+conv1x1",
                                          "< level1/step1/actnorm+conv1x1", "> level1/step1/coupling",
                                          "< level1/step1/coupling", "< level1/step1", "> level1/step2"});
  CHECK(notes.lines.back() == "< level2");
  CHECK(notes.lines.size() == 2 * (2 + 4 + 8));  // levels, steps, and two for each step

  const auto forward = notes.lines;
  notes.lines.clear();
  model.decode(x.view());
  CHECK(notes.lines.size() == forward.size());
  CHECK(notes.lines[0] == "> level2");
  notes.lines.clear();
  model.listen(nullptr);
  model.decode(x.view());
  CHECK(notes.lines.empty());
  set_threads(before);
}

TEST_CASE("probe: it changes no bit, and finds the layer whose numbers are not finite first") {
  Model<Glow, double> model(small, {4, 4, 1});
  shake(model.parameters());
  model.changed();
  const auto x = normal(model.batch_shape(3), 1);
  const auto alone = model.log_prob(x.view());
  Notes notes;
  model.listen(&notes);
  CHECK(same_bits(model.log_prob(x.view()), alone));
  CHECK(notes.first_bad.empty());

  model.parameters().entry("level1/step2/actnorm/bias").value[0] = std::numeric_limits<double>::infinity();
  model.changed();
  model.encode(x.view());
  CHECK(notes.first_bad == "level1/step2/actnorm+conv1x1");

  Trainer<Glow, double> trainer(model, {});
  notes.lines.clear();
  auto once = x;
  trainer.loss_gradient(once.view());
  CHECK(notes.lines.back() == "< level1");
}

TEST_CASE("probe: a layer that is chosen when the program runs has the name of the chosen one") {
  const auto heard = [](PermutationKind kind) {
    using Mixed = Flow<ActNorm, AnyPermutation>;
    const Mixed flow(Architecture{.permutation = kind});
    Parameters<Mixed, double> parameters(flow, {2, 2, 2, 4});
    initialize_layer<Mixed, double, Cpu>(flow, parameters.params(), Random{1, 0});
    prepare_layer<Mixed, double, Cpu>(flow, parameters.params());
    Notes notes;
    Pass<double> pass;
    pass.probe = &notes;
    auto x = normal({2, 2, 2, 4}, 1);
    flow.forward(parameters.params(), x.view(), pass);
    return notes.lines;
  };
  CHECK(heard(PermutationKind::lu) == std::vector<std::string>{"> actnorm+conv1x1", "< actnorm+conv1x1"});
  CHECK(heard(PermutationKind::reverse) ==
        std::vector<std::string>{"> actnorm+permutation", "< actnorm+permutation"});
}
