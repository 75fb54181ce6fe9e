// Labels of samples on the GPU: rows of a table, the cross-entropy of logits.
#include "twins.hpp"

namespace glow::test {

namespace {

Tensor<Index> some_labels(Index n, Index classes) {
  Tensor<Index> labels(Shape{n});
  for (Index i = 0; i < n; ++i) labels[i] = (i * i + i / 3) % classes;
  return labels;
}

template <class T>
void check_labels(Index n, Index classes, Index e) {
  const auto labels = some_labels(n, classes);
  const auto gpu_labels = on_gpu(labels);
  const auto table = normal({classes, e}, 1);
  Tensor<double> rows({n, e});
  ops::rows_of_labels<double>(table, labels, rows.view());
  Tensor<T, Cuda> gpu_rows({n, e});
  ops::rows_of_labels<T>(lend(on_gpu(as<T>(table))), gpu_labels, gpu_rows.view());
  CHECK(same_bits<T>(on_cpu(gpu_rows.view()), as<T>(rows)));

  auto d_table = table;
  auto gpu_table = on_gpu(as<T>(table));
  ops::rows_of_labels_backward<double>(rows, labels, d_table.view());
  ops::rows_of_labels_backward<T>(gpu_rows, gpu_labels, gpu_table.view());
  CHECK(difference(gpu_table, d_table) <= tolerance<T>);

  auto logits = normal({n, classes}, 3, 4.0);
  fill(logits.view().samples(0, 1), 0.0);  // of equal ones the first is found
  const double share = 0.25;
  auto result = normal(Shape{2}, 4);  // which is added to
  Tensor<double> d_logits(logits.shape());
  ops::cross_entropy<double>(logits, labels, 0.5, share, d_logits.view(), result.view());
  Tensor<T, Cuda> gpu_d(logits.shape());
  auto gpu_result = on_gpu(normal(Shape{2}, 4));
  ops::cross_entropy<T>(lend(on_gpu(as<T>(logits))), gpu_labels, T(0.5), share, gpu_d.view(),
                        gpu_result.view());
  CHECK(difference(gpu_d, d_logits) <= tolerance<T>);
  CHECK(difference(gpu_result, result) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: labels' rows and cross-entropy equal the CPU twins", "[cuda]", float, double) {
  check_labels<TestType>(1, 2, 1);
  check_labels<TestType>(7, 10, 16);
  check_labels<TestType>(300, 5, 70);
}

TEST_CASE("cuda: a label that is none counts as the nearest", "[cuda]") {
  Tensor<Index> labels(Shape{2});
  labels[0] = -3;
  labels[1] = 9;
  const auto table = normal<float>({3, 2}, 1);
  Tensor<float, Cuda> rows({2, 2});
  ops::rows_of_labels<float>(lend(on_gpu(table)), lend(on_gpu(labels)), rows.view());
  const auto on_host = on_cpu(rows.view());
  CHECK(on_host[0] == table[0]);
  CHECK(on_host[2] == table[4]);
}

TEST_CASE("CUDA training: a model with classes has the losses and accuracy of the CPU", "[trainer]") {
  const Architecture a{.levels = 2, .depth = 2, .width = 8, .classes = 3, .embedding = 4};
  Model<Glow> cpu(a, {8, 8, 1}, Pixels{5}, 1);
  Model<Glow, float, Cuda> gpu(a, {8, 8, 1}, Pixels{5}, 1);
  Trainer<Glow> on_host(cpu, {});
  Trainer<Glow, float, Cuda> on_device(gpu, {});
  for (std::uint64_t step = 0; step < 4; ++step) {
    std::vector<std::uint8_t> pixels;
    for (std::uint64_t i = 0; i < 9 * 64; ++i)
      pixels.push_back(static_cast<std::uint8_t>(Random{3, step}.words(i)[0]));
    const auto drawn = some_labels(9, 3);
    const std::vector<Index> labels(drawn.begin(), drawn.end());
    if (step == 0) {
      on_host.start(pixels, labels);
      on_device.start(pixels, labels);
    }
    const auto c = on_host.step(pixels, labels), g = on_device.step(pixels, labels);
    CHECK(std::abs(c.bits_per_dim - g.bits_per_dim) <= 1e-5 * c.bits_per_dim);
    CHECK(std::abs(c.gradient_norm - g.gradient_norm) <= 1e-3 * c.gradient_norm);
    CHECK(c.accuracy == g.accuracy);
  }
}

}  // namespace glow::test
