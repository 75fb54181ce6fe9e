// Training of ranks that have a GPU each, as tests compare it.
#pragma once

#include <glow/cuda.hpp>

#include "support.hpp"

namespace glow::test {

inline constexpr Architecture trained_in_groups{.levels = 2, .depth = 2, .width = 8};
/// Of so many parameters that a batch's gradient is computed in one group of images, and summed by levels.
inline constexpr Architecture trained_by_levels{.levels = 2, .depth = 2, .width = 256};

inline std::vector<std::uint8_t> noisy_rows(Index count, std::uint64_t stream) {
  std::vector<std::uint8_t> p(static_cast<std::size_t>(count * 64));
  for (std::size_t i = 0; i < p.size(); ++i)
    p[i] = static_cast<std::uint8_t>(i / 8 % 8 * 24 + Random{stream, 9}.words(i)[0] % 64);
  return p;
}

/// Losses and, last, all parameters after some steps on batches of which `ranks` take their shares.
template <class Ranks>
std::vector<double> train_on_gpu(Ranks ranks, const TrainOptions& options, const Architecture& a) {
  constexpr Index batch = 8;
  Model<Glow, float, Cuda> model(a, {8, 8, 1}, Pixels{8});
  Trainer<Glow, float, Cuda, Adam<float, Cuda>, Ranks> trainer(model, options, ranks);
  const auto share = static_cast<std::size_t>(batch / ranks.size() * 64);
  std::vector<double> found;
  for (std::uint64_t step = 0; step < 3; ++step) {
    const auto pixels = noisy_rows(batch, step);
    if (step == 0) trainer.start(pixels);
    found.push_back(
        trainer.step(std::span(pixels).subspan(static_cast<std::size_t>(ranks.rank()) * share, share))
            .bits_per_dim);
  }
  Tensor<float> values(model.parameters().values().shape());
  transfer(View<const float, Cuda>(model.parameters().values()), values.view());
  found.insert(found.end(), values.begin(), values.end());
  return found;
}

/// Checks that gradients in bf16 train the same on all ranks, and nearly as others do.
template <class Ranks>
void check_training_in_bf16(Ranks ranks) {
  const auto found = train_on_gpu(ranks, {.compression = Compression::bf16}, trained_in_groups);
  const auto alone = train_on_gpu(Alone(), {}, trained_in_groups);
  double sum = 0;
  for (const double v : found) sum += v;
  for (const double of_rank : gather(ranks, sum)) CHECK(of_rank == sum);
  CHECK(std::abs(found[2] - alone[2]) < 1e-2);
}

}  // namespace glow::test
