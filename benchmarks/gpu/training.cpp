// A training step of the reference configuration, as the trainer runs it: fed from the host, replayed as a
// graph.
#include "model/no_zeros.hpp"
#include "report.hpp"

namespace glow::benchmarks {
namespace {

// FLOPs of the coupling networks' products for one image: forward once, and in training the network again in
// the backward sweep, and twice as much for the gradients.
double network_flops(const Model<Glow, float, Cuda>& model) {
  const Glow& net = model.net();
  const Repeat<Step>& repeat = std::get<1>(net.level().layers());
  const Index w = std::get<2>(repeat.step().layers()).net().width();
  double flops = 0;
  for (int l = 1; l <= net.levels(); ++l) {
    const Shape y = output_shape(net.level(), net.level_input(l, model.batch_shape(1)));
    const Index a = y[3] / 2, c = y[3] - a;
    flops += 2.0 * static_cast<double>(repeat.depth() * y[1] * y[2] * (9 * c * w + w * w + 9 * w * 2 * a));
  }
  return flops;
}

void measure(Report& report, const Rates& rates, Precision precision) {
  const Setting s = report.setting(precision);
  const Index batch = s.batch;
  Model<Glow, float, Cuda> model(s.architecture, s.image);
  // A rate so small that any number of steps on noise leaves the loss finite.
  Trainer<Glow, float, Cuda> trainer(model, {.learning_rate = 1e-9});
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch * model.dimensions()));
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(Random{1, 0}.words(i)[0]);
  fill_zeros(model.parameters());
  model.changed();
  trainer.start(pixels);
  for (int i = 0; i < 5; ++i) trainer.step(pixels);
  const auto steps = [&](int n) {
    trainer.submit(pixels);
    for (int i = 1; i < n; ++i) {
      trainer.submit(pixels);
      trainer.wait();
    }
    return trainer.wait();
  };
  const int repeats = report.options().once ? 1 : 5, n = report.options().once ? 2 : 20;
  double best = 1e30;
  StepResult last{};
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    last = steps(n);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    best = std::min(best, time.count() / n);
  }
  require(last.taken, "training: the loss is not finite");
  const double flops = 4 * network_flops(model) * static_cast<double>(batch);
  report.add("training/" + s.name() + "/" + std::string(name_of(precision)),
             {{"ms_per_step", best * 1e3},
              {"images_per_s", static_cast<double>(batch) / best},
              {"share_of_bf16_rate", flops / best / rates.bf16_flops},
              {"minutes_of_40000_steps", best * 40000 / 60}});
}

}  // namespace

void measure_training(Report& report, const Rates& rates) {
  for (const Precision p : report.options().precisions) measure(report, rates, p);
}

}  // namespace glow::benchmarks
