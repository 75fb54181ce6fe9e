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
  Shape image;
  Index batch;
  Activations activations = Activations::automatic;
  int threads = 1;
};

/// Runs fn(check) on a thread and with a pool of its own, whose arenas are empty. check(expected) compares
/// what is held of the device since then, as `held` tells it, with what was told: 5% at most lie between, not
/// counting `libraries`.
inline void measure_memory(int threads_to_use, std::size_t libraries,
                           const std::function<std::size_t()>& held,
                           const std::function<void(const std::function<void(std::size_t)>&)>& fn) {
  const int before = threads();
  std::thread([&] {
    set_threads(threads_to_use);
    const std::size_t at_first = held();
    fn([&](std::size_t told) {
      const std::size_t taken = held() - at_first - libraries, expected = told - libraries;
      INFO(expected << " bytes were told, " << taken << " are taken");
      CHECK(std::max(taken, expected) - std::min(taken, expected) <= taken / 20);
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
  // Which thread first meets the largest task is chance, so that a few rounds may pass until all have.
  const int rounds = c.threads == 1 ? 2 : 20;
  const std::size_t libraries = library_bytes(D());
  measure_memory(c.threads, libraries, held, [&](const auto& check) {
    Model<Net, T, D> model(a, c.image);
    Trainer<Net, T, D> trainer(model, options);
    const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(c.batch * model.dimensions()), 77);
    trainer.start(pixels);
    for (int i = 0; i < rounds; ++i) trainer.step(pixels);
    check(model.memory(c.batch, options).training());
  });
  measure_memory(c.threads, libraries, held, [&](const auto& check) {
    const Model<Net, T, D> model(a, c.image);
    Tensor<T, D> x;
    for (int i = 0; i < rounds; ++i) x = model.sample(c.batch, 1, {});
    check(model.memory(c.batch, options).sampling());
  });
}

}  // namespace glow::test
