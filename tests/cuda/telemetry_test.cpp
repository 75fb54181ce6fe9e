// What is told of the layers of a model on the GPU, against the same model on the CPU; and that neither this
// nor recording a step changes a bit of training.
#include <algorithm>

#include <glow/train/measure_telemetry.hpp>
#include <glow/train/submit_recorded.hpp>

#include "twins.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture told_on_gpu{.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true};

// A GPU's model with the parameters of one on the CPU.
template <class T>
void set_parameters_of(Model<Glow, T, Cuda>& gpu, const Model<Glow, double>& cpu) {
  for (std::size_t i = 0; i < cpu.parameters().entries().size(); ++i) {
    const auto& from = cpu.parameters().entries()[i];
    if (from.role == Role::derived) continue;
    const auto value = as<T>(Tensor<double>(View<const double>(from.value)));
    transfer(View<const T>(value), gpu.parameters().entries()[i].value);
  }
  gpu.changed();
}

// Steps of a fresh model on the GPU with `between`(trainer, images) after each; its parameters afterwards.
template <class Between, class Submit>
Tensor<float> trained_on_gpu(Between between, Submit submit) {
  Model<Glow, float, Cuda> model(told_on_gpu, {8, 8, 1}, Pixels{5}, 3);
  Trainer<Glow, float, Cuda> trainer(model, {.seed = 1});
  std::vector<std::uint8_t> images(6 * 64);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
  trainer.start(images);
  for (int step = 1; step <= 5; ++step) {  // from the third on as a graph
    submit(trainer, step, images);
    trainer.wait();
    between(trainer);
  }
  return on_cpu(model.parameters().values());
}

const auto submit_plainly = [](auto& trainer, int, const auto& images) { trainer.submit(images); };
const auto nothing_between = [](auto&) {};

}  // namespace

TEMPLATE_TEST_CASE("CUDA telemetry: the figures are those of the CPU", "[cuda]", float, double) {
  using T = TestType;
  Model<Glow, double> cpu(told_on_gpu, {8, 8, 1});
  shake(cpu.parameters());
  cpu.changed();
  Model<Glow, T, Cuda> gpu(told_on_gpu, {8, 8, 1});
  set_parameters_of(gpu, cpu);
  Trainer<Glow, double> cpu_trainer(cpu, {});
  Trainer<Glow, T, Cuda> gpu_trainer(gpu, {});
  const auto x = normal(cpu.batch_shape(3), 1, 0.5);
  const auto gpu_x = on_gpu(as<T>(x));
  const Telemetry want = measure_telemetry(cpu_trainer, x.view()),
                  got = measure_telemetry(gpu_trainer, gpu_x.view());
  const double bound = 100 * tolerance<T>;
  const auto check = [&](std::optional<double> a, std::optional<double> b) {
    REQUIRE(a.has_value() == b.has_value());
    if (a) CHECK(std::abs(*a - *b) <= bound * std::max(1.0, std::abs(*b)));
  };
  check(got.bits_per_dim, want.bits_per_dim);
  check(got.gradient_norm, want.gradient_norm);
  check(got.logdet_bits_per_dim, want.logdet_bits_per_dim);
  CHECK(got.round_trip_error <= bound);
  REQUIRE(got.layers.size() == want.layers.size());
  for (std::size_t i = 0; i < got.layers.size(); ++i) {
    const LayerTelemetry &a = got.layers[i], &b = want.layers[i];
    INFO(b.name);
    CHECK(a.name == b.name);
    CHECK(a.container == b.container);
    CHECK(a.forward_seconds.has_value() == b.forward_seconds.has_value());
    CHECK(a.backward_seconds.has_value() == b.backward_seconds.has_value());
    check(a.largest, b.largest);
    check(a.logdet_bits_per_dim, b.logdet_bits_per_dim);
    check(a.gradient_norm, b.gradient_norm);
    check(a.least_scale, b.least_scale);
    check(a.largest_scale, b.largest_scale);
    check(a.condition, b.condition);
    // The GPU undoes a step at once, so that its layers have no inverse of their own.
    CHECK(a.inverse_error.has_value() == a.container);
    if (a.inverse_error) CHECK(*a.inverse_error <= bound);
  }
}

TEST_CASE("CUDA telemetry: training goes on with the same bits", "[trainer]") {
  const auto x = on_gpu(normal<float>({9, 8, 8, 1}, 4));
  const auto told =
      trained_on_gpu([&](auto& trainer) { measure_telemetry(trainer, x.view()); }, submit_plainly);
  CHECK(same_bits(told, trained_on_gpu(nothing_between, submit_plainly)));
}

TEST_CASE("CUDA telemetry: a recorded step has the bits of a replayed one, and waits for each part",
          "[trainer]") {
  Timeline timeline;
  const auto recorded = trained_on_gpu(nothing_between, [&](auto& trainer, int step, const auto& images) {
    if (step == 2 || step == 4) return submit_recorded(trainer, timeline, images);
    trainer.submit(images);
  });
  CHECK(same_bits(recorded, trained_on_gpu(nothing_between, submit_plainly)));
  const auto all = timeline.events();
  const auto count = [&](const std::string& name, const std::string& category) {
    return std::count_if(all.begin(), all.end(),
                         [&](const auto& e) { return e.name == name && e.category == category; });
  };
  for (const char* part : {"step", "forward", "backward", "optimizer", "prepare"})
    CHECK(count(part, "step") == 2);
  CHECK(count("gradient by layers", "layers") == 2);
  for (const char* verb : {"forward", "backward"}) {
    CHECK(count("level2/step2/coupling", verb) == 2);
    CHECK(count("level1", verb) == 2);
  }
}

TEST_CASE("CUDA telemetry: a step under way is refused", "[trainer]") {
  Model<Glow, float, Cuda> model(told_on_gpu, {8, 8, 1}, Pixels{5}, 3);
  Trainer<Glow, float, Cuda> trainer(model, {});
  const std::vector<std::uint8_t> images(4 * 64, 7);
  trainer.submit(images);
  const Tensor<float, Cuda> x(model.batch_shape(2));
  Timeline timeline;
  CHECK(contains(message_of([&] { measure_telemetry(trainer, x.view()); }), "a step is under way"));
  CHECK(contains(message_of([&] { submit_recorded(trainer, timeline, images); }), "a step is under way"));
  trainer.wait();
}
