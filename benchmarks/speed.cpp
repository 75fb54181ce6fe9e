// Images per second of the three things a model is used for, on all threads.
#include <cmath>
#include <string>

#include "benchmarks.hpp"

namespace glow::benchmarks {
namespace {

struct Setting {
  Architecture architecture;
  Shape image;
  Index batch;

  std::string name() const {
    return image.str() + "/K" + std::to_string(architecture.depth) + "/L" +
           std::to_string(architecture.levels) + "/width" + std::to_string(architecture.width) + "/batch" +
           std::to_string(batch);
  }
};

// A model after its data-dependent start, and images to run it on.
struct Subject {
  Model<Glow> model;
  Trainer<Glow> trainer;
  Tensor<float> images, eps, work, logdet, logpz;

  explicit Subject(const Setting& s)
      : model(s.architecture, s.image),
        // A rate so small that any number of steps on noise leaves the loss finite.
        trainer(model, {.learning_rate = 1e-9}),
        images(model.batch_shape(s.batch)),
        eps(images.shape()),
        work(images.shape()),
        logdet(Shape{s.batch}),
        logpz(Shape{s.batch}) {
    fill_uniform(images.view(), Random{1, 0});
    fill_normal(eps.view(), Random{1, 1});
    for (float& x : images) x -= 0.5f;
    model.start(images.view());
  }

  void train() {
    copy(images, work.view());
    trainer.step_on(work.view());
  }
  void log_p() {
    copy(images, work.view());
    clear(logdet.view());
    clear(logpz.view());
    model.forward(work.view(), logdet.view(), logpz.view());
  }
  void sample() {
    copy(eps, work.view());
    model.sample_from(work.view(), 0.7f);
  }
};

// Floating-point operations of log p(x) for a batch: those of the matrix products, which are all but a few
// percent.
double log_p_flops(const Model<Glow>& model, const Setting& s) {
  const Glow& net = model.net();
  const Index w = s.architecture.width, taps = 9;
  Index multiply_adds = 0;
  for (int l = 1; l <= net.levels(); ++l) {
    const Shape x = output_shape(net.level(), net.level_input(l, model.batch_shape(s.batch)));
    const Index a = x.back() / 2, c = x.back() - a, pixels = x.size() / x.back();
    const Index coupling = taps * c * w + w * w + taps * w * 2 * a, conv1x1 = x.back() * x.back();
    const Index split_prior = l < net.levels() ? taps * c * 2 * a : 0;
    multiply_adds += pixels * (s.architecture.depth * (coupling + conv1x1) + split_prior);
  }
  return 2 * static_cast<double>(multiply_adds);
}

using Verb = void (Subject::*)();

// Runs `verb` on all images; seconds for a batch.
double run(benchmark::State& state, Subject& subject, const Setting& s, Verb verb) {
  (subject.*verb)();  // the arenas' growth belongs to no measurement
  const double seconds = seconds_of_round(state, [&] { (subject.*verb)(); });
  state.counters["images/s"] = static_cast<double>(s.batch) / seconds;
  for (const float& x : subject.work) {
    if (!std::isfinite(x)) state.SkipWithError("numbers are not finite");
  }
  return seconds;
}

template <class F>
void add(const std::string& name, F body) {
  benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2);
}

}  // namespace

void register_speed() {
  for (const Setting& s : {Setting{{.levels = 3, .depth = 8, .width = 512}, {32, 32, 3}, 8},
                           Setting{{.levels = 2, .depth = 4, .width = 64}, {8, 8, 1}, 64}}) {
    add("train/" + s.name(), [s](benchmark::State& state) {
      Subject subject(s);
      run(state, subject, s, &Subject::train);
    });
    add("log_p/" + s.name(), [s](benchmark::State& state) {
      Subject subject(s);
      const double seconds = run(state, subject, s, &Subject::log_p);
      state.counters["FLOP/s"] = log_p_flops(subject.model, s) / seconds;
      // Missing where the filter left SGEMM out.
      if (best_sgemm_rate() > 0) {
        state.counters["share_of_best_sgemm"] = log_p_flops(subject.model, s) / seconds / best_sgemm_rate();
      }
    });
    add("sample/" + s.name(), [s](benchmark::State& state) {
      Subject subject(s);
      run(state, subject, s, &Subject::sample);
    });
  }
}

}  // namespace glow::benchmarks
