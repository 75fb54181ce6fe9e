// A context beside a layer's own numbers on the GPU: ops, couplings, priors.
#include "verbs.hpp"

namespace glow::test {

namespace {

// Channels first ... first + c - 1 of x beside a context, and the pull-back of that.
template <class T>
void check_joined(const Shape& shape, Index first, Index c, const Shape& context_shape, Index edge = 0) {
  const auto place = ops::context_place(context_shape, shape);
  const Shape joined_shape = shape.with_back(c + place.channels() + edge);
  auto x = normal(shape, 1), context = normal(context_shape, 2), d_joined = normal(joined_shape, 3);
  Tensor<double> joined(joined_shape);
  ops::join_context<double>({x.view(), first, c}, context, place, joined.view());
  auto gpu_x = on_gpu(as<T>(x)), gpu_context = on_gpu(as<T>(context)), gpu_d = on_gpu(as<T>(d_joined));
  Tensor<T, Cuda> gpu_joined(joined_shape);
  ops::join_context<T>(ops::ChannelRange<const T, Cuda>{gpu_x.view(), first, c}, gpu_context.view(), place,
                       gpu_joined.view());
  CHECK(same_bits<T>(on_cpu(gpu_joined.view()), as<T>(joined)));

  ops::join_context_backward<double>(d_joined.view(), place, {x.view(), first, c}, context.view());
  ops::join_context_backward<T>(View<const T, Cuda>(gpu_d), place,
                                ops::ChannelRange<T, Cuda>{gpu_x.view(), first, c}, gpu_context.view());
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  CHECK(difference(gpu_context, context) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: a joined context equals the CPU's", "[cuda]", float, double) {
  using T = TestType;
  check_joined<T>({3, 4, 2, 6}, 2, 3, {3, 5});
  check_joined<T>({2, 2, 2, 4}, 0, 2, {2, 70});
  check_joined<T>({300, 5}, 2, 3, {300, 40});
  check_joined<T>({2, 2, 4, 3}, 1, 2, {2, 4, 4, 3});
  check_joined<T>({1, 8, 8, 1}, 0, 1, {1, 8, 8, 2});
  check_joined<T>({2, 17, 19, 2}, 1, 1, {2, 33});
  check_joined<T>({2, 17, 19, 2}, 1, 1, {2, 33}, 1);
  check_joined<T>({2, 2, 4, 3}, 1, 2, {2, 4, 4, 3}, 1);
  check_joined<T>({2, 2, 4, 3}, 1, 2, {2, 0}, 1);
}

TEMPLATE_TEST_CASE("cuda: couplings with a context equal the CPU's", "[cuda]", float, double) {
  using T = TestType;
  const Coupling by_vector(ConvNet(6), {3}), by_image(ConvNet(6), {4, 8, 1});
  check_verbs<T>(by_vector, by_vector, {3, 4, 2, 6}, tolerance<T>, {3, 3});
  check_verbs<T>(by_image, by_image, {2, 2, 4, 5}, tolerance<T>, {2, 4, 8, 1});
  const Coupling with_edges(ConvNet(6, Precision::full, {.edges = true}), {3});
  check_verbs<T>(with_edges, with_edges, {3, 4, 2, 6}, tolerance<T>, {3, 3});
  const CouplingOf<RationalQuadratic<8>, Mlp> of_vectors(Mlp(5), {2});
  check_verbs<T>(of_vectors, of_vectors, {4, 6}, 10 * tolerance<T>, {4, 2});
}

}  // namespace glow::test
