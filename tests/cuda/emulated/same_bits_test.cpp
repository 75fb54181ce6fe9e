#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"

namespace glow::test {
namespace {

// All results of ops that sum over blocks and threads.
std::vector<Tensor<float>> sums() {
  const Shape shape{3, 16, 16, 12};
  const Index c = shape[3];
  auto x = on_gpu(normal<float>(shape, 1)), dy = on_gpu(normal<float>(shape, 2));
  auto bias = on_gpu(normal<float>({c}, 3)), log_scale = on_gpu(normal<float>({c}, 4, 0.1F));
  auto matrix = on_gpu(normal<float>({c, c}, 5));
  Tensor<float, Cuda> packed(ops::packed_shape(c, c)), d_weight({c, c}), d_weight_2({c, c});
  Tensor<float, Cuda> a({c}), b({c}), d({c}), e({c}), f({c}), g({c}), h({c}), logp({shape[0]});
  Tensor<double, Cuda> length(Shape{1});
  conv1x1_pack(matrix.view(), packed.view(), View<float, Cuda>());

  sum_of_rows(x.view(), a.view());
  actnorm_start(b.view(), d.view(), x.view(), 1e-4F);
  gaussian_log_density(x.view(), View<float, Cuda>(), logp.view());
  conv1x1_weight_gradient(x.view(), dy.view(), d_weight.view());
  ops::norm(View<const float, Cuda>(x), length.view());
  {
    auto y = x, dx = dy;
    actnorm_backward(bias.view(), log_scale.view(), e.view(), f.view(), y.view(), dx.view());
  }
  auto y = x, dx = dy;
  actnorm_conv1x1_backward(bias.view(), log_scale.view(), packed.view(), packed.view(), g.view(), h.view(),
                           d_weight_2.view(), y.view(), dx.view());

  using L = Flow<Coupling, ActNorm, Conv1x1>;  // one kernel, several blocks an image
  const L flow(Coupling(8), ActNorm(), Conv1x1());
  Parameters<L, float, Cuda> p(flow, shape);
  initialize_layer<L, float, Cuda>(flow, p.params(), Random{7, 7});
  prepare_layer<L, float, Cuda>(flow, p.params());
  Tensor<float, Cuda> z = x, logdet({shape[0]});
  flow.forward(p.params(), z.view(), logdet.view());

  std::vector<Tensor<float>> all;
  for (const Tensor<float, Cuda>* t :
       {&a, &b, &d, &e, &f, &g, &h, &logp, &d_weight, &d_weight_2, &z, &logdet}) {
    all.push_back(on_cpu(t->view()));
  }
  all.push_back(as<float>(on_cpu(length.view())));
  return all;
}

}  // namespace

TEST_CASE("cuda: sums have the same bits in any order of blocks and threads", "[cuda]") {
  const auto before = sums();
  cuda_on_cpu::Settings settings = cuda_on_cpu::settings();
  settings.order = cuda_on_cpu::Order::random;
  for (settings.seed = 1; settings.seed <= 5; ++settings.seed) {
    const cuda_on_cpu::WithSettings scope(settings);
    const auto now = sums();
    for (std::size_t i = 0; i < now.size(); ++i) CHECK(same_bits<float>(now[i], before[i]));
  }
}

}  // namespace glow::test
