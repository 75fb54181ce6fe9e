// Ranks that train together: sums over them, and training that does not depend on their number.
#include <atomic>
#include <mutex>

#include "ranks/noisy_stripes.hpp"
#include "ranks/thread_ranks.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture two_levels_of_8{.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true};
// Of so many parameters that a batch's gradient is computed in one group of images.
const Architecture two_levels_of_256{.levels = 2, .depth = 2, .width = 256};

std::vector<Index> labels_of(Index count) {
  std::vector<Index> labels;
  for (Index i = 0; i < count; ++i) labels.push_back(i % 3);
  return labels;
}

// What a training leaves on each rank.
struct Trained {
  Tensor<double> values;
  std::vector<double> losses;
  std::vector<double> norms;
};

// Some steps on batches of images, of which each rank takes `counts[rank]`.
template <class T = float>
std::vector<Trained> train_on(const std::vector<Index>& counts, const TrainOptions& options,
                              const Architecture& a = two_levels_of_8) {
  Index batch = 0;
  for (const Index n : counts) batch += n;
  std::vector<Trained> trained(counts.size());
  on_ranks(static_cast<int>(counts.size()), [&](ThreadRank rank) {
    const auto r = static_cast<std::size_t>(rank.rank());
    Model<Glow, T> model(a, {8, 8, 1}, Pixels{8});
    Trainer<Glow, T, Cpu, Adam<T>, ThreadRank> trainer(model, options, rank);
    Index first = 0;
    for (std::size_t i = 0; i < r; ++i) first += counts[i];
    const auto share = [&](const auto& all, Index size) {
      return std::span(all).subspan(static_cast<std::size_t>(first * size),
                                    static_cast<std::size_t>(counts[r] * size));
    };
    for (std::uint64_t step = 0; step < 3; ++step) {
      const auto pixels = noisy_stripes(batch, step);
      const auto labels = a.classes > 0 ? labels_of(batch) : std::vector<Index>();
      if (step == 0 && r == 0) trainer.start(pixels, labels);
      if (step == 0 && r != 0) trainer.start({});
      const StepResult result =
          trainer.step(share(pixels, 64), labels.empty() ? std::span<const Index>() : share(labels, 1));
      trained[r].losses.push_back(result.bits_per_dim);
      trained[r].norms.push_back(result.gradient_norm);
    }
    const View<const T> values = model.parameters().values();
    trained[r].values = Tensor<double>(values.shape());
    std::copy(values.begin(), values.end(), trained[r].values.data());
  });
  return trained;
}

void check_same(const Trained& a, const Trained& b) {
  CHECK(same_bits(a.values, b.values));
  CHECK(a.losses == b.losses);
  CHECK(a.norms == b.norms);
}

}  // namespace

TEST_CASE("ranks: a sum is the tree's on every rank, and costs no more bytes than a ring") {
  for (const int n : {1, 2, 3, 4, 5, 8}) {
    for (const Index size : {1, 7, 4096}) {
      const auto number = [](int rank, Index i) {
        return static_cast<float>(
                   Random{5, static_cast<std::uint64_t>(rank)}.words(static_cast<std::uint64_t>(i))[0]) *
               1e-6f;
      };
      std::vector<Tensor<float>> parts;
      for (int r = 0; r < n; ++r) {
        parts.emplace_back(Shape{size});
        for (Index i = 0; i < size; ++i) parts.back()[i] = number(r, i);
      }
      for_each_sum_of_tree(n, [&](Index to, Index from) {
        for (Index i = 0; i < size; ++i)
          parts[static_cast<std::size_t>(to)][i] += parts[static_cast<std::size_t>(from)][i];
      });
      std::vector<Tensor<float>> sums(static_cast<std::size_t>(n));
      const auto sent = on_ranks(n, [&](ThreadRank rank) {
        Tensor<float> x(Shape{size});
        for (Index i = 0; i < size; ++i) x[i] = number(rank.rank(), i);
        SumOfRanks<float>()(rank, x.view());
        sums[static_cast<std::size_t>(rank.rank())] = x;
      });
      for (const auto& sum : sums) CHECK(same_bits(sum, parts[0]));
      if (size < 4096) continue;
      const double ring = 2.0 * (n - 1) / n * static_cast<double>(size) * sizeof(float);
      for (const std::size_t bytes : sent) CHECK(static_cast<double>(bytes) <= 1.001 * ring);
    }
  }
}

TEST_CASE("ranks: a sum in bf16 has half the bytes, the same bits on every rank, and bf16's precision") {
  constexpr int n = 3;
  constexpr Index size = 999;
  std::vector<Tensor<float>> sums(n);
  const auto sent = on_ranks(n, [&](ThreadRank rank) {
    Tensor<float> x(Shape{size});
    for (Index i = 0; i < size; ++i) x[i] = 1 + static_cast<float>(rank.rank() * 7 + i) / 1000;
    SumOfRanks<float>{Compression::bf16}(rank, x.view());
    sums[static_cast<std::size_t>(rank.rank())] = x;
  });
  for (const auto& sum : sums) CHECK(same_bits(sum, sums[0]));
  for (Index i = 0; i < size; ++i) {
    const double want = 3 + (3.0 * static_cast<double>(i) + 21) / 1000;
    CHECK(std::abs(static_cast<double>(sums[0][i]) - want) < want / 128);
  }
  for (const std::size_t bytes : sent) CHECK(bytes <= 2 * 2 * size * 2 / 3 + 16);
}

TEST_CASE("ranks: N of them have the bits of one on the same batch, where groups of images are the leaves") {
  const Trained one = train_on({64}, {})[0];
  for (const std::vector<Index>& counts : {std::vector<Index>{32, 32}, {16, 16, 16, 16}}) {
    for (const Trained& t : train_on(counts, {})) check_same(t, one);
  }
}

TEST_CASE("ranks: N of them have the bits of one that takes as many parts, with and without classes") {
  Architecture with_classes = two_levels_of_8;
  with_classes.classes = 3;
  for (const Architecture& a : {two_levels_of_256, with_classes}) {
    const Trained one = train_on({16}, {.parts = 4}, a)[0];
    for (const std::vector<Index>& counts : {std::vector<Index>{8, 8}, {4, 4, 4, 4}}) {
      for (const Trained& t : train_on(counts, {.parts = 4}, a)) check_same(t, one);
    }
    for (const Trained& t : train_on({4, 4, 4, 4}, {}, a)) check_same(t, one);
  }
}

TEST_CASE("ranks: shares that are not even have the result of one rank, to rounding") {
  const Trained one = train_on<double>({24}, {})[0];
  for (const std::vector<Index>& counts : {std::vector<Index>{12, 8, 4}, {1, 23}, {8, 8, 8}}) {
    const auto trained = train_on<double>(counts, {});
    for (const Trained& t : trained) {
      CHECK(difference(t.values, one.values) < 1e-12);
      CHECK(std::abs(t.losses.back() - one.losses.back()) < 1e-12);
      check_same(t, trained[0]);
    }
  }
}

TEST_CASE("ranks: what is not finite on one is everybody's skipped step") {
  std::vector<Tensor<float>> before(2), after(2);
  std::vector<StepResult> results(2);
  on_ranks(2, [&](ThreadRank rank) {
    const auto r = static_cast<std::size_t>(rank.rank());
    Model<Glow> model(two_levels_of_8, {8, 8, 1}, Pixels{8});
    Trainer<Glow, float, Cpu, Adam<float>, ThreadRank> trainer(model, {}, rank);
    Tensor<float> x(Shape{4, 8, 8, 1});
    fill_normal(x.view(), Random{1, static_cast<std::uint64_t>(rank.rank())});
    trainer.start_on(x);
    before[r] = Tensor<float>(View<const float>(model.parameters().values()));
    if (r == 1) x[5] = std::numeric_limits<float>::infinity();
    results[r] = trainer.step_on(x);
    after[r] = Tensor<float>(View<const float>(model.parameters().values()));
  });
  for (const std::size_t r : {0u, 1u}) {
    CHECK(!results[r].taken);
    CHECK(same_bits(after[r], before[0]));
  }
}

TEST_CASE("ranks: levels are summed as they are finished, each number once") {
  // Counts the numbers of each exchange.
  class Counting : public ThreadRank {
   public:
    Counting(const ThreadRank& rank, std::vector<std::size_t>* sizes) : ThreadRank(rank), sizes_(sizes) {}
    void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                  std::span<std::byte> received) override {
      sizes_->push_back(data.size() / sizeof(float));
      ThreadRank::exchange(data, bounds, received);
    }

   private:
    std::vector<std::size_t>* sizes_;
  };
  Model<Glow> model(two_levels_of_256, {8, 8, 1}, Pixels{8});
  const auto levels = level_ranges(model.parameters());
  REQUIRE(levels.size() == 2);
  std::vector<std::size_t> sizes[2];
  on_ranks(2, [&](ThreadRank rank) {
    Model<Glow> own(two_levels_of_256, {8, 8, 1}, Pixels{8});
    Trainer<Glow, float, Cpu, Adam<float>, Counting> trainer(own, {}, Counting(rank, &sizes[rank.rank()]));
    trainer.start(noisy_stripes(4, 0));
    trainer.step(noisy_stripes(4, 0));
  });
  const auto count = [](const GradientRange& r) { return static_cast<std::size_t>(r.last - r.first); };
  for (const auto& s : sizes) {
    REQUIRE(s.size() >= 2);
    CHECK(s[0] == count(levels[1]));
    CHECK(s[1] == count(levels[0]));
    CHECK(std::accumulate(s.begin(), s.end(), std::size_t{0}) ==
          static_cast<std::size_t>(model.parameters().values().size()));
  }
}

TEST_CASE("ranks: parts that they cannot share are refused") {
  CHECK(message_of([] {
          train_on({8, 8}, {.parts = 3});
        }) == "parts: 3 must be 1 or a multiple of the 2 ranks, which share them");
}

TEST_CASE("ranks: an error of a sum reaches who waits for it") {
  class Failing : public ThreadRank {
   public:
    explicit Failing(const ThreadRank& rank) : ThreadRank(rank) {}
    void exchange(std::span<const std::byte>, std::span<const std::size_t>, std::span<std::byte>) override {
      throw RankError("the network is gone");
    }
  };
  std::vector<std::string> messages(2);
  on_ranks(2, [&](ThreadRank rank) {
    Failing failing(rank);
    OverlappedSum<float> sum(failing);
    Tensor<float> x(Shape{10});
    sum.begin(x.view());
    sum.begin(x.view());
    messages[static_cast<std::size_t>(rank.rank())] = message_of([&] { sum.finish(); });
    sum.finish();
  });
  for (const auto& message : messages) CHECK(message == "the network is gone");
}
