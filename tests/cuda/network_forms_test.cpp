// The passes of the fused bf16 network against those of the layered one, on the same numbers: with so many
// pixels that the slots of its ring go round many times while clusters run beside and after one another. A
// shape and pass a test, so that each can be a process of its own. Those that only a GPU is quick enough for
// are hidden, [.card], and [large].
#include "twins.hpp"

namespace glow::test {
namespace {

using FusedNetwork = ops::detail::FusedNetwork<Cuda>;
using Layered = ops::detail::LayeredNetwork<float, __nv_bfloat16, Cuda>;
using Rows = ops::detail::NetworkRows<__nv_bfloat16, Cuda>;

// A network's weights, packed for a form, and x [N, H, W, c] that goes in, dout [N, H, W, o] that comes back.
struct Case {
  Shape images;  // of x
  Index width, outputs;
  Index pixels = images[0] * images[1] * images[2];
};

template <class Form>
class PackedFor {
 public:
  explicit PackedFor(const Case& c)
      : inputs_(c.images[3]),
        bias1_(numbers({c.width}, 4, 1)),
        bias2_(numbers({c.width}, 5, 1)),
        bias3_(numbers({c.outputs}, 6, 1)),
        k1_(operand(9 * inputs_, c.width)),
        k2_(operand(c.width, c.width)),
        k3_(operand(c.width, 9 * c.outputs)),
        k1_t_(operand(c.width, 9 * inputs_)),
        k2_t_(operand(c.width, c.width)),
        k3_t_(operand(9 * c.outputs, c.width)) {
    const auto kernel1 = numbers({3, 3, inputs_, c.width}, 1, 9 * inputs_);
    const auto kernel2 = numbers({c.width, c.width}, 2, c.width);
    const auto kernel3 = numbers({3, 3, c.width, c.outputs}, 3, c.width);
    Form::pack(kernel1, kernel2, kernel3, k1_.data(), k2_.data(), k3_.data(), k1_t_.data(), k2_t_.data(),
               k3_t_.data());
    cuda::Context::current().synchronize();
    net = {Precision::bf16, inputs_,       c.width,      c.outputs,    k1_.data(),
           k2_.data(),      k3_.data(),    k1_t_.data(), k2_t_.data(), k3_t_.data(),
           bias1_.data(),   bias2_.data(), bias3_.data()};
  }

  ops::PackedNetwork<float> net;

 private:
  // N(0, 1 / terms)
  static Tensor<float, Cuda> numbers(const Shape& shape, std::uint64_t stream, Index terms) {
    return on_gpu(
        normal<float>(shape, stream, static_cast<float>(1 / std::sqrt(static_cast<double>(terms)))));
  }
  static Tensor<float, Cuda> operand(Index k, Index n) {
    return Tensor<float, Cuda>(ops::network_operand_shape(Cuda(), k, n));
  }

  Index inputs_;
  Tensor<float, Cuda> bias1_, bias2_, bias3_, k1_, k2_, k3_, k1_t_, k2_t_, k3_t_;
};

ops::Pixels<const float> pixels_of(const Tensor<float, Cuda>& x) {
  return {x.data(), x.channels(), x.height(), x.width()};
}

// What a pass leaves: the parts, and the rows that entered its three products.
struct Left {
  Tensor<float> parts;
  std::vector<Tensor<__nv_bfloat16>> rows;

  bool same(const Left& other) const {
    bool all = same_bits<float>(parts, other.parts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      all = all && same_bits<__nv_bfloat16>(rows[i], other.rows[i]);
    }
    return all;
  }
};

// Both forms round the same hidden units to bf16, from sums in another order: some differ by their last bit.
void check_close(const Left& fused, const Left& layered) {
  CHECK(difference(fused.parts, layered.parts) <= 2e-3);
  for (std::size_t i = 0; i < fused.rows.size(); ++i) {
    CAPTURE(i);
    CHECK(difference(as<float>(fused.rows[i]), as<float>(layered.rows[i])) <= (i == 0 ? 0 : 1e-2));
  }
}

class Forms {
 public:
  explicit Forms(const Case& c)
      : case_(c),
        fused_(c),
        layered_(c),
        x_(on_gpu(normal<float>(c.images, 7))),
        dout_(on_gpu(normal<float>({c.images[0], c.images[1], c.images[2], c.outputs}, 8))) {}

  void check_values(int repeats) const {
    const auto pass = [&](const auto& form, const auto& net) {
      return run([&](float* parts) { form.parts(net, pixels_of(x_), case_.pixels, parts); });
    };
    check(
        repeats, [&] { return pass(FusedNetwork(), fused_.net); }, pass(Layered(), layered_.net));
  }

  void check_traced(int repeats) const {
    auto trace = FusedNetwork::trace(fused_.net, case_.pixels);
    Rows expected(case_.pixels, case_.images[3], case_.width);
    const auto pass = [&](const auto& form, const auto& net, auto& rows) {
      return run([&](float* parts) { form.forward(net, pixels_of(x_), case_.pixels, rows, parts); }, &rows);
    };
    check(
        repeats, [&] { return pass(FusedNetwork(), fused_.net, trace); },
        pass(Layered(), layered_.net, expected));
  }

  // Of one trace, the fused form's, so that both find the same units active.
  void check_backward(int repeats) const {
    auto trace = FusedNetwork::trace(fused_.net, case_.pixels);
    run([&](float* parts) { FusedNetwork::forward(fused_.net, pixels_of(x_), case_.pixels, trace, parts); });
    Rows d(case_.pixels, case_.outputs, case_.width), expected(case_.pixels, case_.outputs, case_.width);
    const auto pass = [&](const auto& form, const auto& net, Rows& rows) {
      return run(
          [&](float* parts) { form.backward(net, trace, pixels_of(dout_), case_.pixels, rows, parts); },
          &rows);
    };
    check(
        repeats, [&] { return pass(FusedNetwork(), fused_.net, d); },
        pass(Layered(), layered_.net, expected));
  }

 private:
  // pass(parts), and what that leaves.
  template <class Pass>
  Left run(Pass pass, const Rows* rows = nullptr) const {
    const Index pitch = ops::detail::parts_pitch(fused_.net);
    const Scratch<float, Cuda> parts(Shape{ops::detail::tiled(case_.pixels), pitch});
    clear(parts.view());
    pass(parts.data());
    Left left{on_cpu(View<float, Cuda>(parts.data(), {case_.pixels, pitch})), {}};
    if (rows == nullptr) return left;
    const auto keep = [&](const auto& x, Index columns) {
      left.rows.push_back(on_cpu(View<__nv_bfloat16, Cuda>(x.data(), {case_.pixels, columns})));
    };
    keep(rows->first, rows->pitch1);
    keep(rows->second, rows->pitch);
    keep(rows->third, rows->pitch);
    return left;
  }

  template <class Pass>
  static void check(int repeats, Pass fused, const Left& layered) {
    const Left first = fused();
    check_close(first, layered);
    for (int i = 1; i < repeats; ++i) REQUIRE(first.same(fused()));
  }

  Case case_;
  PackedFor<FusedNetwork> fused_;
  PackedFor<Layered> layered_;
  Tensor<float, Cuda> x_, dout_;
};

// The reference's first level, 512 tiles: four waves of clusters on an H100, each of whose slots is filled
// some twelve times a tile.
const Case wide{{64, 32, 32, 6}, 512, 12};
// 22 tiles, 11 clusters; the last tile is not full.
const Case narrow{{3, 31, 29, 3}, 64, 6};

}  // namespace

TEST_CASE("cuda: many clusters: values of the fused network", "[cuda][network]") {
  Forms(narrow).check_values(2);
}
TEST_CASE("cuda: many clusters: the traced pass of the fused network", "[cuda][network]") {
  Forms(narrow).check_traced(2);
}
TEST_CASE("cuda: many clusters: the pass back of the fused network", "[cuda][network]") {
  Forms(narrow).check_backward(2);
}

TEST_CASE("cuda: 20 times 64x32x32x12 at width 512: values of the fused network", "[large][network][.card]") {
  Forms(wide).check_values(20);
}
TEST_CASE("cuda: 20 times 64x32x32x12 at width 512: the traced pass of the fused network",
          "[large][network][.card]") {
  Forms(wide).check_traced(20);
}
TEST_CASE("cuda: 20 times 64x32x32x12 at width 512: the pass back of the fused network",
          "[large][network][.card]") {
  Forms(wide).check_backward(20);
}

}  // namespace glow::test
