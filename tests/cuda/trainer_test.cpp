// Training on the GPU: the same steps as on the CPU, as a graph, fed ahead.
#include <glow/data/idx.hpp>

#include "../places.hpp"
#include "twins.hpp"

using namespace glow;
using namespace glow::test;

namespace {

constexpr Architecture small{.levels = 2, .depth = 2, .width = 16, .learn_top_prior = true};

// Batches of the bundled digits, in order.
class Digits {
 public:
  std::vector<std::uint8_t> batch(Index n, Index first) const {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(n * data_.shape().size()));
    for (Index i = 0; i < n; ++i) {
      data_.load((first + i) % data_.size(), pixels.data() + i * data_.shape().size());
    }
    return pixels;
  }

 private:
  MemoryDataset data_ = read_idx_images(digits_file());
};

// A model with its trainer, after the start.
template <class D>
struct Run {
  Digits digits;
  Index batch;
  Model<Glow, float, D> model;
  Trainer<Glow, float, D> trainer;

  explicit Run(const Architecture& a = small, Index n = 16)
      : batch(n), model(a, {8, 8, 1}, Pixels{4}, 1), trainer(model, {.warmup_steps = 25, .seed = 1}) {
    trainer.start(pixels(0));
  }
  std::vector<std::uint8_t> pixels(Index step) const { return digits.batch(batch, step * batch); }
  Tensor<float> values() const {
    Tensor<float> v(model.parameters().values().shape());
    transfer(View<const float, D>(model.parameters().values()), v.view());
    return v;
  }
};

}  // namespace

TEST_CASE("CUDA training: 20 steps on the digits have the losses of the CPU", "[trainer][large]") {
  const Architecture a{.levels = 2, .depth = 4, .width = 64, .learn_top_prior = true};
  Run<Cpu> cpu(a, 64);
  Run<Cuda> gpu(a, 64);
  for (Index step = 0; step < 20; ++step) {
    const auto pixels = cpu.pixels(step);
    const StepResult c = cpu.trainer.step(pixels), g = gpu.trainer.step(pixels);
    INFO("step " << step << ": " << c.bits_per_dim << " and " << g.bits_per_dim);
    CHECK(std::abs(c.bits_per_dim - g.bits_per_dim) <= 1e-5 * c.bits_per_dim);
    CHECK(std::abs(c.gradient_norm - g.gradient_norm) <= 1e-3 * c.gradient_norm);
    CHECK(g.learning_rate == c.learning_rate);
    CHECK(g.taken);
  }
}

TEST_CASE("CUDA training: replayed steps, and steps fed ahead, have the bits of single ones",
          "[trainer][convolution]") {
  Run<Cuda> one, ahead;
  std::vector<double> losses;
  for (Index step = 0; step < 6; ++step) losses.push_back(one.trainer.step(one.pixels(step)).bits_per_dim);
  ahead.trainer.submit(ahead.pixels(0));
  for (Index step = 0; step < 6; ++step) {
    if (step + 1 < 6) ahead.trainer.submit(ahead.pixels(step + 1));
    const StepResult r = ahead.trainer.wait();
    CHECK(r.step == step + 1);
    CHECK(r.bits_per_dim == losses[static_cast<std::size_t>(step)]);
  }
  CHECK(same_bits(ahead.values(), one.values()));
}

TEST_CASE("CUDA training: a step too many under way, or none to wait for, is refused", "[trainer]") {
  Run<Cuda> run;
  CHECK(contains(message_of([&] { run.trainer.wait(); }), "no step to wait for"));
  run.trainer.submit(run.pixels(0));
  run.trainer.submit(run.pixels(1));
  CHECK(contains(message_of([&] { run.trainer.submit(run.pixels(2)); }), "2 steps are under way already"));
  CHECK(run.trainer.under_way() == 2);
  run.trainer.wait();
  run.trainer.wait();
}

TEST_CASE("CUDA training: batches may change their size", "[trainer]") {
  Run<Cuda> mixed;
  Run<Cpu> cpu;
  for (const Index n : {16, 16, 16, 16, 5, 5, 5, 5, 16}) {
    const auto pixels = mixed.digits.batch(n, n);
    const double gpu_loss = mixed.trainer.step(pixels).bits_per_dim;
    const double loss = cpu.trainer.step(pixels).bits_per_dim;
    CHECK(std::abs(gpu_loss - loss) <= 1e-4 * loss);
  }
}

TEST_CASE("CUDA training: work between steps leaves their memory alone", "[trainer]") {
  Run<Cuda> quiet, busy;
  for (Index step = 0; step < 6; ++step) {
    quiet.trainer.step(quiet.pixels(step));
    busy.trainer.step(busy.pixels(step));
    const auto x = busy.model.sample(3 * (step + 1), 0.7f, Random{1, 2});
    busy.model.log_prob(x.view());
  }
  CHECK(same_bits(quiet.values(), busy.values()));
}

TEST_CASE(
    "CUDA training: steps that are not finite leave the parameters alone, and stop training after a few",
    "[trainer]") {
  Run<Cuda> run;
  run.trainer.step(run.pixels(0));
  const auto before = run.values();
  Tensor<float> bad(run.model.batch_shape(2));
  for (float& x : bad) x = std::numeric_limits<float>::infinity();
  const auto bad_step = [&] { return run.trainer.step_on(lend(on_gpu(bad))); };
  for (int i = 0; i < 4; ++i) CHECK_FALSE(bad_step().taken);
  CHECK(same_bits(run.values(), before));
  CHECK(run.trainer.taken_steps() == 1);
  CHECK(contains(message_of<NumericError>(bad_step), "not finite for 5 steps in a row"));
}

TEST_CASE("CUDA training: goes on from a state with the bits of an unbroken run", "[trainer]") {
  Run<Cuda> whole, first;
  for (Index step = 0; step < 5; ++step) whole.trainer.step(whole.pixels(step));
  for (Index step = 0; step < 2; ++step) first.trainer.step(first.pixels(step));
  Run<Cuda> rest;
  copy(View<const float, Cuda>(first.model.parameters().values()), rest.model.parameters().values());
  rest.model.changed();
  copy(View<const float, Cuda>(first.trainer.optimizer().first_moment()),
       rest.trainer.optimizer().first_moment());
  copy(View<const float, Cuda>(first.trainer.optimizer().second_moment()),
       rest.trainer.optimizer().second_moment());
  rest.trainer.set_steps(2, 2);
  for (Index step = 2; step < 5; ++step) rest.trainer.step(rest.pixels(step));
  CHECK(same_bits(rest.values(), whole.values()));
}

TEST_CASE("CUDA training: bits per dimension of a model are the CPU's", "[trainer]") {
  const Run<Cuda> gpu;
  Run<Cpu> cpu;
  transfer(View<const float, Cuda>(gpu.model.parameters().values()), cpu.model.parameters().values());
  cpu.model.changed();
  const auto pixels = gpu.digits.batch(20, 100);
  CHECK(std::abs(mean_bits_per_dim(gpu.model, pixels, Random{3, 3}, 8) -
                 mean_bits_per_dim(cpu.model, pixels, Random{3, 3}, 8)) <= 1e-5);
}
