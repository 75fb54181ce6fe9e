// Memory of the GPU: no allocation after the first steps, none that grows with depth, and how much is moved
// by passes that compute nothing.
#include <future>

#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Launches of the passes that move pixels, and copies within the device.
struct Moved {
  std::uint64_t squeeze = 0, split = 0, join = 0, dequantize = 0, quantize = 0, copies = 0, copied_bytes = 0;
  friend bool operator==(const Moved&, const Moved&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Moved& m) {
    return out << "squeeze " << m.squeeze << ", split " << m.split << ", join " << m.join << ", dequantize "
               << m.dequantize << ", quantize " << m.quantize << ", copies " << m.copies << " of "
               << m.copied_bytes << " bytes";
  }
};

template <class Work>
Moved moved_by(Work work) {
  const auto so_far = [] {
    const auto n = [](const char* kernel) { return cuda_on_cpu::launches(kernel); };
    const cuda_on_cpu::Copies c = cuda_on_cpu::copies_on_device();
    return Moved{n("squeeze"),    n("split_channels"), n("join_channels"),
                 n("dequantize"), n("quantize"),       c.count,
                 c.bytes};
  };
  const Moved before = so_far();
  work();
  const Moved after = so_far();
  return {
      after.squeeze - before.squeeze,          after.split - before.split,       after.join - before.join,
      after.dequantize - before.dequantize,    after.quantize - before.quantize, after.copies - before.copies,
      after.copied_bytes - before.copied_bytes};
}

}  // namespace

TEST_CASE("CUDA memory: nothing is allocated after the third step, which is the first of the graph",
          "[convolution]") {
  Model<Glow, float, Cuda> model({.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true}, {8, 8, 1});
  Trainer<Glow, float, Cuda> trainer(model, {});
  const std::vector<std::uint8_t> pixels(8 * 64, 77);
  for (int i = 0; i < 3; ++i) trainer.step(pixels);
  const std::size_t before = cuda_on_cpu::bytes_in_use();
  // With no room left, any allocation would fail.
  cuda_on_cpu::Settings s = cuda_on_cpu::settings();
  s.memory = before;
  const cuda_on_cpu::WithSettings full(s);
  for (int i = 0; i < 3; ++i) CHECK(trainer.step(pixels).taken);
  CHECK(cuda_on_cpu::bytes_in_use() == before);
}

TEST_CASE("CUDA memory: temporaries of training do not grow with depth", "[large]") {
  const auto temporaries = [](int depth) {
    const std::size_t before = cuda_on_cpu::bytes_in_use();
    Model<Glow, float, Cuda> model(Architecture{.levels = 2, .depth = depth, .width = 8}, {8, 8, 3});
    Trainer<Glow, float, Cuda> trainer(model, {});
    const std::size_t with_model = cuda_on_cpu::bytes_in_use();
    const std::vector<std::uint8_t> pixels(4 * 8 * 8 * 3, 77);
    for (int i = 0; i < 4; ++i) trainer.step(pixels);
    CHECK(with_model > before);
    return cuda_on_cpu::bytes_in_use() - with_model;
  };
  const auto in_own_thread = [&](int depth) {
    return std::async(std::launch::async, [&] { return temporaries(depth); }).get();
  };
  const std::size_t shallow = in_own_thread(2);
  CHECK(shallow > 0);
  CHECK(in_own_thread(8) == shallow);
}

TEST_CASE("CUDA memory: tensors, models and trainers give all of it back") {
  const auto train = [] {
    Model<Glow, float, Cuda> model(Architecture{.levels = 2, .depth = 1, .width = 8}, {8, 8, 1});
    Trainer<Glow, float, Cuda> trainer(model, {});
    for (int i = 0; i < 4; ++i) trainer.step(std::vector<std::uint8_t>(4 * 64, 7));
  };
  const std::size_t before = cuda_on_cpu::bytes_in_use();
  std::async(std::launch::async, train).get();
  CHECK(cuda_on_cpu::bytes_in_use() == before);
}

TEST_CASE(
    "CUDA memory: pixels are squeezed by what writes them anyway, and nothing is copied between levels") {
  constexpr Index batch = 2;
  Model<Glow, float, Cuda> model({.levels = 3, .depth = 2, .width = 8}, {16, 8, 3});
  Trainer<Glow, float, Cuda> trainer(model, {});
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch * model.dimensions()), 77);
  const auto numbers = static_cast<std::uint64_t>(pixels.size());
  trainer.start(pixels);
  trainer.step(pixels);
  // One split and two joins, of the state and of its gradient, for each level but the last. The one copy is
  // that of the batch's bytes from where they were uploaded to where the graph reads them.
  const Moved training{.split = 2, .join = 4, .dequantize = 1, .copies = 1, .copied_bytes = numbers};
  CHECK(moved_by([&] { trainer.step(pixels); }) == training);

  // A split or a join reads and writes the output of its level: here 9 times the batch's numbers in all.
  std::uint64_t outputs = 0;
  for (int l = 1; l < 3; ++l) {
    outputs += static_cast<std::uint64_t>(model.net().level_input(l, model.batch_shape(batch)).size());
  }
  CHECK(2 * (1 + 2) * outputs == 9 * numbers);

  Tensor<float, Cuda> eps(model.batch_shape(batch)), x(model.input_shape(batch));
  fill_normal(eps.view(), Random{1, 2});
  const Moved sampling{.join = 2, .quantize = 1};
  CHECK(moved_by([&] {
          model.sample_into(eps.view(), x.view(), 0.7f);
          ops::quantize<float>(x.view(), 8, View<std::uint8_t>(pixels.data(), model.batch_shape(batch)));
        }) == sampling);

  // Images that do not come or go as pixels cost one pass of Squeeze.
  const Moved in_place{.squeeze = 1, .join = 2};
  CHECK(moved_by([&] { model.sample_from(eps.view(), 0.7f); }) == in_place);
  const Moved density{.squeeze = 1, .split = 2};
  CHECK(moved_by([&] { model.forward(eps.view(), View<float, Cuda>(), View<float, Cuda>()); }) == density);
}
