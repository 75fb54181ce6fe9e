// Memory is told before it is taken.
#include "count_allocations.hpp"
#include "layers/own_layers.hpp"
#include "train/memory_cases.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::size_t held() { return device_bytes; }

// x -> x exp(s), in place, by loops of its own.
struct Gain {
  template <class Leaf>
  struct Params {
    Leaf log_gain;
    void visit(auto&& f) { f("log_gain", log_gain); }
  };
  Params<Shape> declare(const Shape&) const { return {{1}}; }
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random) const {
    p.log_gain[0] = T(0);
  }
  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D>) const {
    for (T& v : x) v *= std::exp(p.log_gain[0]);
  }
  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D>) const {
    for (T& v : y) v *= std::exp(-p.log_gain[0]);
  }
  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>&, View<T, D> y, View<T, D> dy,
                View<T, D>) const {
    inverse(p, y, View<T, D>());
    for (T& v : dy) v *= std::exp(p.log_gain[0]);
  }
};

template <class... Layers>
using NetOf = MultiScale<Flow<Squeeze, Repeat<Flow<Layers...>>>>;

}  // namespace

TEST_CASE("memory: what a Glow takes in training and sampling is known before") {
  using enum Activations;
  const Architecture small{.levels = 2, .depth = 3, .width = 32, .learn_top_prior = true};
  const Architecture large{.levels = 3, .depth = 2, .width = 256};
  const MemoryCase cases[] = {
      {small, {16, 16, 3}, 8, flat},
      {small, {16, 16, 3}, 8, lean},
      {small, {16, 16, 3}, 64, fast},
      {small, {16, 16, 3}, 64, automatic, 2},
      {{.levels = 1, .depth = 2, .width = 7}, {64, 64, 1}, 4, flat},
      {large, {32, 32, 3}, 2, flat},
      {large, {32, 32, 3}, 5, fast, 2},
      {{.levels = 3, .depth = 2, .width = 128, .precision = Precision::bf16}, {32, 32, 3}, 4, lean},
      {{.levels = 2, .depth = 20, .width = 16}, {8, 8, 3}, 512, flat},
      {{.levels = 2, .depth = 2, .width = 16, .classes = 10, .embedding = 8}, {16, 16, 1}, 64, lean},
  };
  for (const MemoryCase& c : cases) check_memory<Glow, float, Cpu>(c, held);
  check_memory<Glow, double, Cpu>({small, {16, 16, 3}, 8, lean}, held);
}

TEST_CASE("memory: threads that pass groups of images through the model have arenas of their own") {
  const Architecture a{.levels = 2, .depth = 2, .width = 32};
  for (const int n : {1, 2, 4}) check_memory<Glow, float, Cpu>({a, {32, 32, 3}, 32, {}, n}, held);
}

TEST_CASE("memory: of coupling networks with options") {
  const ConvNetOptions all{.actnorm = true, .scaled_output = true, .edges = true};
  for (const Index width : {16, 64}) {
    const Architecture a{.levels = 2, .depth = 2, .width = width, .network = all};
    check_memory<Glow, float, Cpu>({a, {32, 32, 3}, 16}, held);
    check_memory<Glow, float, Cpu>({a, {32, 32, 3}, 64, Activations::flat}, held);
  }
}

TEST_CASE("memory: of layers that are chosen at run time that of the chosen one is told") {
  for (const PermutationKind kind :
       {PermutationKind::lu, PermutationKind::shuffle, PermutationKind::reverse}) {
    const Architecture a{.levels = 2, .depth = 2, .width = 16, .permutation = kind};
    check_memory<NetOf<ActNorm, AnyPermutation, AnyCoupling>, float, Cpu>({a, {32, 32, 3}, 16}, held);
  }
}

TEST_CASE("memory: of layers in tape operations all is known, of others on views a batch is taken") {
  const Architecture a{.levels = 2, .depth = 2, .width = 16};
  check_memory<NetOf<ActNorm, Squash, Conv1x1, Coupling>, float, Cpu>({a, {16, 16, 3}, 16}, held);
  check_memory<NetOf<Squash>, float, Cpu>({a, {32, 32, 3}, 16}, held);
  check_memory<NetOf<ActNorm, Gain, Coupling>, float, Cpu>({a, {16, 16, 3}, 16}, held);
}

TEST_CASE("memory: of vectors, on whose first batch the domain is standardized") {
  using Vectors = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<RationalQuadratic<8>, Mlp>>>>;
  const Architecture a{.levels = 1, .depth = 3, .width = 32, .learn_top_prior = true};
  check_memory<Vectors, float, Cpu>({a, Vector{6}, 256}, held);
  check_memory<Vectors, float, Cpu>({a, Vector{3}, 2000, {}, 2}, held);
}

TEST_CASE("memory: that of models which fit no machine is told, and nothing is taken for it") {
  const std::size_t before = device_bytes;
  const MemoryUse use =
      memory_of(Glow(Architecture{.levels = 6, .depth = 512, .width = 8192}), {4096, 4096, 3}, 1024);
  CHECK(use.training() > std::size_t{1} << 40);
  CHECK(device_bytes - before == 0);
}

TEST_CASE("memory: with depth only parameters and what comes with them grow") {
  const auto use = [](int depth) {
    const Architecture a{.levels = 3, .depth = depth, .width = 256};
    return memory_of(Glow(a), {256, 256, 3}, 8, {.activations = Activations::flat});
  };
  const MemoryUse few = use(4), many = use(80);
  CHECK(few.activations == many.activations);
  CHECK(few.training_temporaries == many.training_temporaries);
  CHECK(few.sampling_temporaries == many.sampling_temporaries);
  CHECK(many.parameters > 19 * few.parameters);
}

TEST_CASE("memory: a batch without images and shapes that a net cannot take are refused") {
  CHECK(contains(message_of([] { memory_of(Glow(Architecture{}), {32, 32, 3}, 0); }), "batch: 0"));
  CHECK(contains(message_of([] { memory_of(Glow(Architecture{}), {12, 12, 3}, 1); }), "must be even"));
}
