// Models whose memory is told, and then measured when it is taken, on any device.
#pragma once

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

#include "support.hpp"

namespace glow::test {

/// A model, and how it is trained and sampled.
struct MemoryCase {
  Architecture architecture;
  Shape image;  ///< or the shape of vectors
  Index batch;
  Activations activations = Activations::automatic;
  int threads = 1;
};

/// check(told, work) does `work` and then compares what the device holds with what was told.
using CheckMemory = std::function<void(std::size_t told, const std::function<void()>& work)>;

/// Runs fn(check) on a thread and with a pool of its own, whose arenas are empty. What is held since then, as
/// `held` tells it, may differ by 5% from what was told, not counting `libraries`.
inline void measure_memory(int threads_to_use, std::size_t libraries,
                           const std::function<std::size_t()>& held,
                           const std::function<void(const CheckMemory&)>& fn) {
  // Which threads meet the largest task is chance: work is done again until all have met it. It is never done
  // fewer than the first number of rounds, so that what grows past the told amount is seen.
  const int least_rounds = threads_to_use == 1 ? 2 : 20, most_rounds = threads_to_use == 1 ? 2 : 2000;
  const int before = threads();
  std::thread([&] {
    set_threads(threads_to_use);
    const std::size_t at_first = held();
    fn([&](std::size_t told, const std::function<void()>& work) {
      const std::size_t expected = told - libraries;
      std::size_t taken = 0;
      const auto agree = [&] { return std::max(taken, expected) - std::min(taken, expected) <= taken / 20; };
      for (int round = 0; round < least_rounds || (round < most_rounds && !agree()); ++round) {
        work();
        taken = held() - at_first - libraries;
      }
      INFO(expected << " bytes were told, " << taken << " are taken");
      CHECK(agree());
    });
  }).join();
  set_threads(before);
}

/// Checks that what is told of a model of Net in T on device D is what it takes.
template <class Net, class T, class D>
void check_memory(const MemoryCase& c, const std::function<std::size_t()>& held) {
  const Architecture& a = c.architecture;
  INFO(c.image << "/K" << a.depth << "/L" << a.levels << "/width" << a.width << "/batch" << c.batch << ", "
               << a.precision << ", " << name_of(c.activations) << ", " << c.threads << " threads");
  const TrainOptions options{.activations = c.activations};
  const std::size_t libraries = library_bytes(D());
  const bool vectors = c.image.rank() == 1;
  Tensor<T, D> x(vectors ? Shape{c.batch, c.image.size()} : Shape{0});
  fill_normal(x.view(), Random{77, 7});
  measure_memory(c.threads, libraries, held, [&](const auto& check) {
    Model<Net, T, D> model(a, c.image);
    Trainer<Net, T, D> trainer(model, options);
    const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(c.batch * model.dimensions()), 77);
    const std::vector<Index> labels(a.classes > 0 ? static_cast<std::size_t>(c.batch) : 0);
    if (vectors) {
      trainer.start_on(x.view());
    } else {
      trainer.start(pixels, labels);
    }
    check(model.memory(c.batch, options).training(),
          [&] { vectors ? trainer.step_on(x.view()) : trainer.step(pixels, labels); });
  });
  measure_memory(c.threads, libraries, held, [&](const auto& check) {
    const Model<Net, T, D> model(a, c.image);
    const std::vector<Index> labels(a.classes > 0 ? static_cast<std::size_t>(c.batch) : 0);
    Tensor<T, D> samples;
    check(model.memory(c.batch, options).sampling(), [&] {
      Context<T, D> context;
      Tensor<Index, D> on_device;
      if (a.classes > 0) context.labels = on_device = model.labels(labels);
      samples = model.sample(c.batch, 1, {}, 0, context);
    });
  });
}

}  // namespace glow::test
