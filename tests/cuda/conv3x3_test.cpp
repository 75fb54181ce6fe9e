#include <glow/ops/cuda/channels.hpp>
#include <glow/ops/cuda/gaussian.hpp>

#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: conv3x3 and its gradients equal their CPU twins", "[cuda][convolution]", float,
                   double) {
  using T = TestType;
  struct Sizes {
    Shape x;
    Index out;
  };
  for (const auto& [shape, o] :
       {Sizes{{1, 1, 1, 1}, 2}, Sizes{{2, 3, 5, 3}, 4}, Sizes{{2, 4, 4, 12}, 24}, Sizes{{3, 80, 90, 1}, 1}}) {
    const Index c = shape[3];
    const Shape out{shape[0], shape[1], shape[2], o};
    auto kernel = normal({3, 3, c, o}, 1), bias = normal({o}, 2), x = normal(shape, 3), dy = normal(out, 4);
    auto dx0 = normal(shape, 5), dk0 = normal(kernel.shape(), 6), db0 = normal(bias.shape(), 7);

    Tensor<double> packed(ops::packed_shape(9 * c, o)), packed_t(ops::packed_shape(9 * o, c)), y(out);
    Tensor<double> dx = dx0, dk = dk0, db = db0;
    ops::conv3x3_pack(kernel.view(), packed.view(), packed_t.view());
    ops::conv3x3_forward(packed.view(), bias.view(), x.view(), y.view());
    ops::conv3x3_backward(packed_t.view(), dk.view(), db.view(), x.view(), dy.view(), dx.view());

    Tensor<T, Cuda> gpu_packed(packed.shape()), gpu_packed_t(packed_t.shape()), gpu_y(out);
    auto gpu_dx = on_gpu(as<T>(dx0)), gpu_dk = on_gpu(as<T>(dk0)), gpu_db = on_gpu(as<T>(db0));
    auto gpu_x = on_gpu(as<T>(x)), gpu_dy = on_gpu(as<T>(dy)), gpu_bias = on_gpu(as<T>(bias));
    ops::conv3x3_pack(lend(on_gpu(as<T>(kernel))), gpu_packed.view(), gpu_packed_t.view());
    ops::conv3x3_forward(gpu_packed.view(), gpu_bias.view(), gpu_x.view(), gpu_y.view());
    ops::conv3x3_backward(gpu_packed_t.view(), gpu_dk.view(), gpu_db.view(), gpu_x.view(), gpu_dy.view(),
                          gpu_dx.view());
    INFO(shape << " to " << o);
    CHECK(difference(gpu_y, y) <= tolerance<T>);
    CHECK(difference(gpu_dx, dx) <= tolerance<T>);
    CHECK(difference(gpu_dk, dk) <= tolerance<T>);
    CHECK(difference(gpu_db, db) <= tolerance<T>);

    ops::conv3x3_backward(gpu_packed_t.view(), gpu_dk.view(), gpu_db.view(), gpu_x.view(), gpu_dy.view(),
                          View<T, Cuda>());
    ops::conv3x3_backward(packed_t.view(), dk.view(), db.view(), x.view(), dy.view(), View<double>());
    CHECK(difference(gpu_dk, dk) <= tolerance<T>);
  }
}

TEMPLATE_TEST_CASE("cuda: Split equals its CPU twin, its rest in rows or squeezed", "[cuda][convolution]",
                   float, double) {
  using T = TestType;
  constexpr auto ignore = [](auto, auto) {};
  for (const Shape& shape : {Shape{2, 3, 4, 6}, Shape{2, 6, 4, 8}, Shape{1, 1, 1, 3}, Shape{3, 5, 2, 7}}) {
    const Split split;
    Parameters<Split, double> on_host(split, shape);
    shake(on_host);
    split.prepare(on_host.params());
    Parameters<Split, T, Cuda> parameters(split, shape);
    transfer(lend(as<T>(Tensor<double>(View<const double>(on_host.values())))), parameters.values());
    split.prepare(parameters.params());

    const bool squeezed = shape[1] % 2 == 0 && shape[2] % 2 == 0;
    const Shape of_z = split.latent(shape);
    const Shape of_rest = squeezed ? Squeeze().output(split.rest(shape)) : split.rest(shape);
    auto x = normal(shape, 1), dz = normal(of_z, 2), drest = normal(of_rest, 3),
         dlogpz = normal({shape[0]}, 4);
    Tensor<double> z(of_z), rest(of_rest), logpz(dlogpz.shape()), back(shape), dx(shape), used_dz = dz;
    split.forward(on_host.params(), x.view(), z.view(), rest.view(), {}, logpz.view(), ignore);
    split.backward(on_host.params(), on_host.gradients(), z.view(), rest.view(), used_dz.view(), drest.view(),
                   back.view(), dx.view(), {}, dlogpz.view());
    Tensor<double> sampled(shape);
    split.sample(on_host.params(), z.view(), rest.view(), sampled.view(), {}, 0.7);

    auto gpu_x = on_gpu(as<T>(x)), gpu_drest = on_gpu(as<T>(drest)), gpu_dlogpz = on_gpu(as<T>(dlogpz));
    auto gpu_dz = on_gpu(as<T>(dz));
    Tensor<T, Cuda> gpu_z(of_z), gpu_rest(of_rest), gpu_logpz(logpz.shape()), gpu_back(shape), gpu_dx(shape);
    split.forward(parameters.params(), gpu_x.view(), gpu_z.view(), gpu_rest.view(), {}, gpu_logpz.view(),
                  ignore);
    CHECK(same_bits<T>(on_cpu(gpu_z.view()), as<T>(z)));
    CHECK(same_bits<T>(on_cpu(gpu_rest.view()), as<T>(rest)));
    CHECK(difference(gpu_logpz, logpz) <= tolerance<T>);
    Tensor<T, Cuda> gpu_sampled(shape);
    split.sample(parameters.params(), gpu_z.view(), gpu_rest.view(), gpu_sampled.view(), {}, T(0.7));
    CHECK(difference(gpu_sampled, sampled) <= tolerance<T>);
    split.backward(parameters.params(), parameters.gradients(), gpu_z.view(), gpu_rest.view(), gpu_dz.view(),
                   gpu_drest.view(), gpu_back.view(), gpu_dx.view(), {}, gpu_dlogpz.view());
    CHECK(same_bits<T>(on_cpu(gpu_back.view()), as<T>(x)));
    CHECK(difference(gpu_dx, dx) <= tolerance<T>);
    CHECK(difference(Tensor<T, Cuda>(View<const T, Cuda>(parameters.gradient())),
                     Tensor<double>(View<const double>(on_host.gradient()))) <= tolerance<T>);
  }
}

}  // namespace glow::test
