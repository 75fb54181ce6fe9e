// Memory: no allocation after the first step, and none that grows with depth.
#include <cstdlib>
#include <thread>

#include "count_allocations.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// The same on vectors.
template <class Net>
long allocations_of_vectors(Model<Net>& model, Trainer<Net>& trainer, int warm) {
  Tensor<float> x = normal<float>(model.batch_shape(256), 1), logdet(Shape{256}), logpz(Shape{256});
  long before = 0;
  for (int s = 0; s < warm + 3; ++s) {
    if (s == warm) before = allocations;
    trainer.step_on(x.view());
    model.forward(x.view(), logdet.view(), logpz.view());
    model.sample_from(x.view(), 0.7f);
  }
  return allocations - before;
}

// Allocations of the steps after the first `warm` ones.
template <class Net>
long allocations_of_steps(const Architecture& a, const Shape& image, int warm) {
  Model<Net> model(a, image);
  Trainer<Net> trainer(model, {});
  if (image.rank() == 1) return allocations_of_vectors(model, trainer, warm);
  const std::vector<std::uint8_t> batch(static_cast<std::size_t>(8 * image.size()), 77);
  Tensor<float> x = normal<float>(model.batch_shape(8), 1), logdet(Shape{8}), logpz(Shape{8});
  long before = 0;
  for (int s = 0; s < warm + 3; ++s) {
    if (s == warm) before = allocations;
    trainer.step(batch);
    model.forward(x.view(), logdet.view(), logpz.view());
    model.sample_from(x.view(), 0.7f);
  }
  return allocations - before;
}

struct Shift {
  template <class Leaf>
  struct Params {
    Leaf shift;
    template <class F>
    void visit(F&& f) {
      f("shift", shift);
    }
  };
  Params<Shape> declare(const Shape& x) const { return {{x.back()}}; }
  template <class P, class V>
  V forward(const P& p, V x, V&) const {
    return x + p.shift;
  }
  template <class P, class V>
  V inverse(const P& p, V y, V&) const {
    return y - p.shift;
  }
};

}  // namespace

TEST_CASE("memory: the counting sees what is allocated") {
  const long before = allocations;
  void* p = std::malloc(10);
  std::free(p);
  const std::vector<double> v(100, 1.0);
  CHECK(v[99] + (p == nullptr ? 1 : 0) == 1.0);
  CHECK(allocations - before >= 1);
}

TEST_CASE("memory: nothing is allocated after the first step, for training, likelihoods and samples") {
  const int before = threads();
  set_threads(1);
  CHECK(allocations_of_steps<Glow>({.levels = 2, .depth = 3, .width = 24, .learn_top_prior = true},
                                   {16, 8, 3}, 1) == 0);
  const ConvNetOptions all{.actnorm = true, .scaled_output = true, .edges = true};
  CHECK(allocations_of_steps<Glow>({.levels = 2, .depth = 3, .width = 24, .network = all}, {16, 8, 3}, 1) ==
        0);
  using TapedLevel = Flow<Squeeze, Repeat<Flow<ActNorm, Shift, Conv1x1, Coupling>>>;
  CHECK(allocations_of_steps<MultiScale<TapedLevel>>({.levels = 2, .depth = 2, .width = 8}, {8, 8, 1}, 1) ==
        0);
  using Vectors = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<RationalQuadratic<8>, Mlp>>>>;
  CHECK(allocations_of_steps<Vectors>({.levels = 1, .depth = 3, .width = 16, .learn_top_prior = true},
                                      Vector{5}, 1) == 0);
  set_threads(2);
  // Which thread first meets the largest task is chance, so that a few rounds may pass until both have.
  CHECK(allocations_of_steps<Glow>({.levels = 2, .depth = 3, .width = 24}, {16, 8, 3}, 20) == 0);
  set_threads(before);
}

TEST_CASE("memory: temporaries of training do not grow with depth") {
  const int before = threads();
  set_threads(1);
  std::size_t capacity[3];
  int i = 0;
  for (const int depth : {4, 16, 64}) {
    // A thread of its own has an arena of its own.
    std::thread([&] {
      Model<Glow> model(Architecture{.levels = 2, .depth = depth, .width = 256}, {16, 16, 3});
      Trainer<Glow> trainer(model, {.activations = Activations::flat});
      const std::vector<std::uint8_t> batch(8 * 16 * 16 * 3, 77);
      trainer.step(batch);
      trainer.step(batch);
      capacity[i++] = Arena<>::local().capacity() + Tape<float>::arena().capacity();
    }).join();
  }
  CHECK(capacity[0] > 0);
  CHECK(capacity[1] == capacity[0]);
  CHECK(capacity[2] == capacity[0]);
  set_threads(before);
}
