// Ranks of an MPI job. All ranks run each test at the same time: `mpirun -n 2 mpi_tests`.
#include <glow/ranks/mpi.hpp>

#include "ranks/noisy_stripes.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// One for all tests: MPI starts once in a process.
Mpi& mpi() {
  static Mpi ranks;
  return ranks;
}

// Losses and, last, all parameters after some steps on batches of which `ranks` take their shares.
template <class Ranks>
std::vector<double> train_by(Ranks ranks, const TrainOptions& options, const Architecture& a) {
  constexpr Index batch = 32;
  Model<Glow> model(a, {8, 8, 1}, Pixels{8});
  Trainer<Glow, float, Cpu, Adam<float>, Ranks> trainer(model, options, ranks);
  const Index n = batch / ranks.size();
  std::vector<double> found;
  for (std::uint64_t step = 0; step < 3; ++step) {
    const auto pixels = noisy_stripes(batch, step);
    if (step == 0) trainer.start(pixels);
    found.push_back(trainer
                        .step(std::span(pixels).subspan(static_cast<std::size_t>(ranks.rank() * n * 64),
                                                        static_cast<std::size_t>(n * 64)))
                        .bits_per_dim);
  }
  const View<float> values = model.parameters().values();
  found.insert(found.end(), values.begin(), values.end());
  return found;
}

}  // namespace

TEST_CASE("mpi: what ranks give arrives, of every size") {
  const int rank = mpi().rank(), size = mpi().size();
  const auto all = gather(mpi(), rank * 10);
  for (int r = 0; r < size; ++r) CHECK(all[static_cast<std::size_t>(r)] == r * 10);
  const auto texts = gather(mpi(), std::string(static_cast<std::size_t>(rank), 'x'));
  for (int r = 0; r < size; ++r)
    CHECK(texts[static_cast<std::size_t>(r)] == std::string(static_cast<std::size_t>(r), 'x'));
  for (const Index n : {Index{1}, Index{3}, Index{100003}}) {
    Tensor<double> x(Shape{n});
    for (Index i = 0; i < n; ++i) x[i] = static_cast<double>(i + rank);
    SumOfRanks<double>()(mpi(), x.view());
    double largest = 0;
    for (Index i = 0; i < n; ++i)
      largest = std::max(largest, std::abs(x[i] - static_cast<double>(size * i) - size * (size - 1) / 2.0));
    CHECK(largest == 0);
    x[0] = rank + 5;
    broadcast(mpi(), x.view());
    CHECK(x[0] == 5);
  }
}

TEST_CASE("mpi: ranks train as one process does, bit for bit") {
  const Architecture small{.levels = 2, .depth = 2, .width = 8}, large{.levels = 2, .depth = 2, .width = 256};
  CHECK(train_by(mpi(), {.parts = 4}, small) == train_by(Alone(), {.parts = 4}, small));
  CHECK(train_by(mpi(), {.parts = 4}, large) == train_by(Alone(), {.parts = 4}, large));
}

TEST_CASE("mpi: gradients in bf16 train the same on all ranks") {
  const auto found =
      train_by(mpi(), {.compression = Compression::bf16}, {.levels = 2, .depth = 2, .width = 8});
  const auto alone = train_by(Alone(), {}, {.levels = 2, .depth = 2, .width = 8});
  double sum = 0;
  for (const double v : found) sum += v;
  for (const double of_rank : gather(mpi(), sum)) CHECK(of_rank == sum);
  CHECK(std::abs(found[2] - alone[2]) < 1e-2);
}
