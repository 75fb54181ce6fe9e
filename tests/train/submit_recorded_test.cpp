// Steps that are written to a timeline.
#include <algorithm>
#include <map>

#include <glow/train/submit_recorded.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture recorded_model{.levels = 2, .depth = 2, .width = 8};

std::vector<std::uint8_t> images_to_record() {
  std::vector<std::uint8_t> images(6 * 64);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
  return images;
}

// Steps of a fresh model, of which step `which` is recorded; its parameters afterwards.
Tensor<float> with_recorded_step(int which, Timeline& timeline, Index parts = 1) {
  Model<Glow> model(recorded_model, {8, 8, 1}, Pixels{8}, 2);
  Trainer<Glow> trainer(model, {.average = 0.9, .parts = parts});
  const auto images = images_to_record();
  trainer.start(images);
  for (int step = 1; step <= 3; ++step) {
    step == which ? submit_recorded(trainer, timeline, images) : trainer.submit(images);
    CHECK(trainer.wait().step == step);
  }
  return Tensor<float>(View<const float>(model.parameters().values()));
}

bool within(const Timeline::Event& inner, const Timeline::Event& outer) {
  return outer.begin <= inner.begin && inner.end <= outer.end && inner.begin <= inner.end;
}

}  // namespace

TEST_CASE("recorded step: the same bits as without, and events of all its parts within one another") {
  const int before = threads();
  set_threads(1);
  Timeline nothing, timeline;
  const auto without = with_recorded_step(0, nothing);
  CHECK(nothing.events().empty());
  CHECK(same_bits(with_recorded_step(2, timeline), without));
  std::map<std::string, Timeline::Event> step;
  std::vector<Timeline::Event> layers;
  for (const auto& e : timeline.events()) {
    if (e.category == "step") {
      CHECK(step.emplace(e.name, e).second);
    } else {
      layers.push_back(e);
    }
    CHECK(e.thread == 0);
  }
  CHECK(step.size() == 5);
  for (const char* part : {"forward", "backward", "optimizer", "prepare"}) {
    INFO(part);
    CHECK(within(step.at(part), step.at("step")));
  }
  CHECK(step.at("forward").end <= step.at("backward").begin);
  CHECK(step.at("backward").end <= step.at("optimizer").begin);
  CHECK(step.at("optimizer").end <= step.at("prepare").begin);
  CHECK(layers.size() == 2 * (2 + 4 + 8));  // levels, steps, and two for each step, both ways
  for (const auto& e : layers) {
    INFO(e.name << " " << e.category);
    CHECK(within(e, step.at(e.category)));
  }
  const auto called = [&](const std::string& name, const std::string& verb) {
    return *std::find_if(layers.begin(), layers.end(),
                         [&](const auto& e) { return e.name == name && e.category == verb; });
  };
  CHECK(within(called("level2/step1/coupling", "backward"), called("level2/step1", "backward")));
  CHECK(within(called("level2/step1", "backward"), called("level2", "backward")));
  CHECK(called("level1", "forward").end <= called("level2", "forward").begin);
  set_threads(before);
}

TEST_CASE("recorded step: the parts of a batch that is taken in parts, on any number of threads") {
  const int before = threads();
  for (const int n : {1, 3}) {
    set_threads(n);
    Timeline timeline;
    with_recorded_step(3, timeline, 2);
    const auto all = timeline.events();
    const auto count = [&](const std::string& name) {
      return std::count_if(all.begin(), all.end(), [&](const auto& e) { return e.name == name; });
    };
    CHECK(count("forward") == 2);
    CHECK(count("backward") == 2);
    CHECK(count("optimizer") == 1);
    CHECK(count("level1/step1/coupling") >= 4);
  }
  set_threads(before);
}

TEST_CASE("recorded step: nothing is recorded afterwards, even where it throws") {
  Model<Glow> model(recorded_model, {8, 8, 1}, Pixels{8});
  Trainer<Glow> trainer(model, {});
  const auto images = images_to_record();
  trainer.start(images);
  Timeline timeline;
  CHECK(contains(
      message_of<ShapeError>([&] { submit_recorded(trainer, timeline, std::span(images).first(65)); }),
      "65 pixels"));
  trainer.submit(images);
  CHECK(contains(message_of([&] { submit_recorded(trainer, timeline, images); }), "a step is under way"));
  trainer.wait();
  CHECK(timeline.events().empty());
}
