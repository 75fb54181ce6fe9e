#include "twins.hpp"

namespace glow::test {
namespace {

StepState on_host(View<StepState, Cuda> state) {
  StepState s;
  transfer(View<const StepState, Cuda>(state), View<StepState, Cpu>(&s, {1}));
  return s;
}

}  // namespace

TEST_CASE("cuda: the state of training goes on as on the CPU", "[cuda]") {
  const StepRule rule{.learning_rate = 1e-3,
                      .warmup_steps = 10,
                      .seed = 42,
                      .schedule = {.kind = ScheduleKind::cosine, .steps = 100, .last = 0.1},
                      .clip_norm = 1.5,
                      .clip_value = 0.5,
                      .average = 0.9};
  Tensor<StepState, Cuda> gpu(Shape{1});
  StepState cpu;
  for (const double bits_per_dim : {3.5, std::numeric_limits<double>::quiet_NaN(), 3.25}) {
    begin(cpu, rule);
    cpu.bits_per_dim = bits_per_dim;
    cpu.gradient_norm = 2;
    judge(cpu, rule);

    begin_step(gpu.view(), rule);
    StepState s = on_host(gpu.view());
    s.bits_per_dim = bits_per_dim;
    s.gradient_norm = 2;
    transfer(View<const StepState, Cpu>(&s, {1}), gpu.view());
    judge_step(gpu.view(), rule);
    s = on_host(gpu.view());
    CHECK(s.step == cpu.step);
    CHECK(s.taken == cpu.taken);
    CHECK(s.noise.seed == cpu.noise.seed);
    CHECK(s.noise.stream == cpu.noise.stream);
    CHECK(s.adam.taken == cpu.adam.taken);
    CHECK(std::abs(s.adam.rate - cpu.adam.rate) <= 1e-12 * cpu.adam.rate);
    CHECK(std::abs(s.adam.gradient - cpu.adam.gradient) <= 1e-12);
    CHECK(s.adam.largest == cpu.adam.largest);
    CHECK(std::abs(s.adam.average - cpu.adam.average) <= 1e-12);
    CHECK(std::abs(s.adam.correct1 - cpu.adam.correct1) <= 1e-12 * cpu.adam.correct1);
    CHECK(std::abs(s.adam.correct2 - cpu.adam.correct2) <= 1e-12 * cpu.adam.correct2);
  }
}

TEMPLATE_TEST_CASE("cuda: mean bits per dimension equals the CPU twin", "[cuda]", float, double) {
  using T = TestType;
  const Index n = GENERATE(1, 3, 300);
  auto logpz = normal<T>({n}, 1, 100), logdet = normal<T>({n}, 2, 100);
  Tensor<double> expected(Shape{1});
  ops::mean_bits_per_dim(View<const T>(logpz), View<const T>(logdet), 3072, 256, expected.view());
  Tensor<double, Cuda> mean(Shape{1});
  auto gpu_logpz = on_gpu(logpz), gpu_logdet = on_gpu(logdet);
  ops::mean_bits_per_dim(View<const T, Cuda>(gpu_logpz), View<const T, Cuda>(gpu_logdet), 3072, 256,
                         mean.view());
  CHECK(difference(mean, expected) <= 1e-13);
}

}  // namespace glow::test
