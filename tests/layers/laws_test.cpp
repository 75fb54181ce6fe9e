#include "layers/laws.hpp"

#include "layers/own_layers.hpp"
#include "layers/witness.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("laws: Squeeze") {
  check_laws(Squeeze(), {2, 4, 6, 3});
  check_witness(Squeeze(), {2, 4, 6, 3}, SqueezeEquation());
}
TEST_CASE("laws: ActNorm") {
  check_laws(ActNorm(), {2, 3, 2, 5});
  check_witness(ActNorm(), {2, 3, 2, 5}, ActNormEquation());
}
TEST_CASE("laws: Permutation") {
  for (const ChannelOrder kind : {ChannelOrder::shuffle, ChannelOrder::reverse}) {
    for (const Shape& x : {Shape{2, 3, 2, 6}, Shape{1, 1, 1, 1}, Shape{4, 5}})
      check_laws(Permutation(kind), x);
  }
}
TEST_CASE("laws: a permutation that is chosen at run time, alone and after ActNorm") {
  for (const PermutationKind kind :
       {PermutationKind::lu, PermutationKind::shuffle, PermutationKind::reverse}) {
    INFO(name_of(kind));
    const Architecture a{.permutation = kind};
    check_laws(AnyPermutation(a), {2, 3, 2, 5});
    check_laws(Flow<ActNorm, AnyPermutation>(a), {2, 3, 2, 5});
    CHECK(permutation_kind_of(name_of(kind)) == kind);
  }
  CHECK(message_of<Error>([] { permutation_kind_of("none"); }) ==
        "permutation: 'none' is none of lu, shuffle, reverse");
}
TEST_CASE("laws: ActNorm, Conv1x1 and both in one pass, of vectors [N, D]") {
  check_laws(ActNorm(), {4, 5});
  check_laws(Conv1x1(), {4, 5});
  check_laws(Flow<ActNorm, Conv1x1>(), {4, 5});
}
TEMPLATE_TEST_CASE("laws: couplings of every map, on either half", "", Additive, ExpAffine,
                   RationalQuadratic<8>, SigmoidAffine, ShiftedAffine) {
  using OnSecond = CouplingOf<TestType>;
  using OnFirst = CouplingOf<TestType, ConvNet, Condition::on_first_half>;
  for (const Shape& x : {Shape{2, 4, 3, 6}, Shape{2, 2, 3, 3}, Shape{3, 1, 1, 2}}) {
    check_laws(OnSecond(5), x);
    check_laws(OnFirst(5), x);
  }
}
TEST_CASE("laws: couplings by networks with options") {
  using OnFirst = CouplingOf<ExpAffine, ConvNet, Condition::on_first_half>;
  for (const ConvNetOptions options : {ConvNetOptions{.actnorm = true},
                                       {.scaled_output = true},
                                       {.edges = true},
                                       {.actnorm = true, .scaled_output = true, .edges = true}}) {
    const ConvNet net(5, Precision::full, options);
    for (const Shape& x : {Shape{2, 4, 3, 6}, Shape{2, 2, 3, 3}, Shape{3, 1, 1, 2}}) {
      check_laws(Coupling(net), x);
      check_laws(OnFirst(net), x);
    }
  }
}
// A network in tape operations over an image's neighbourhoods, as a user writes one.
struct Neighbourly {
  template <class Leaf>
  struct Params {
    Leaf kernel, mix, bias;
    void visit(auto&& f) {
      f("kernel", kernel);
      f("mix", mix);
      f("bias", bias);
    }
  };
  Params<Shape> declare(const Shape& x, Index outputs) const {
    return {{3, 3, x.back(), 4}, {outputs, 4}, {outputs}};
  }
  template <class P, class V>
  V forward(const P& p, V x) const {
    return conv1x1(tanh(conv3x3(x, p.kernel)), p.mix) + p.bias;
  }
};

TEMPLATE_TEST_CASE("laws: couplings of every map by networks in tape operations, of images and of vectors",
                   "", Additive, ExpAffine, RationalQuadratic<8>, SigmoidAffine, ShiftedAffine) {
  for (const Shape& x : {Shape{3, 6}, Shape{2, 5}, Shape{4, 2}, Shape{2, 2, 3, 4}}) {
    check_laws(CouplingOf<TestType, Mlp>(Mlp(5)), x);
    check_laws(CouplingOf<TestType, Mlp, Condition::on_first_half>(Mlp(5)), x);
  }
  check_laws(CouplingOf<TestType, Neighbourly>(), {2, 4, 3, 6});
  check_laws(CouplingOf<TestType, Neighbourly, Condition::on_first_half>(), {2, 3, 2, 5});
}
TEST_CASE("laws: couplings with a context, a vector or an image") {
  check_laws(Coupling(ConvNet(5), {3}), {2, 4, 2, 5}, {2, 3});
  check_laws(Coupling(ConvNet(5), {4, 2, 3}), {2, 4, 2, 4}, {2, 4, 2, 3});
  check_laws(Coupling(ConvNet(5, Precision::full, {.edges = true}), {4, 2, 3}), {2, 4, 2, 4}, {2, 4, 2, 3});
  check_laws(Coupling(ConvNet(5), {4, 8, 2}), {2, 2, 2, 4}, {2, 4, 8, 2});
  check_laws(CouplingOf<RationalQuadratic<8>, ConvNet, Condition::on_first_half>(ConvNet(4), {2}),
             {2, 2, 2, 3}, {2, 2});
  check_laws(CouplingOf<ExpAffine, Mlp>(Mlp(5), {3}), {4, 5}, {4, 3});
  check_laws(CouplingOf<SigmoidAffine, Neighbourly>(Neighbourly(), {2, 4, 1}), {2, 2, 4, 6}, {2, 2, 4, 1});
}
TEST_CASE("laws: a level with a context") {
  check_laws(Level(Architecture{.depth = 2, .width = 5, .context = {4, 4, 2}}), {2, 4, 4, 1}, {2, 4, 4, 2});
}
// By numbers other than 0 and 1.
struct DrawnStandardization : Standardization {
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    fill_normal(p.bias, random);
    fill_normal(p.log_scale, random.fork(1));
  }
};
TEST_CASE("laws: Linear, from the identity") {
  check_laws(Linear(), {2, 3, 2, 5});
  check_laws(Linear(), {4, 5});
  Parameters<Linear, double> p(Linear(), {3, 5});
  initialize_layer<Linear, double, Cpu>(Linear(), p.params(), Random{7, 7});
  prepare_layer<Linear, double, Cpu>(Linear(), p.params());
  const auto x = normal({3, 5}, 1);
  Tensor<double> y = x;
  layer_forward<Linear, double, Cpu>(Linear(), p.params(), y.view(), View<double>());
  CHECK(same_bits(x, y));
}
TEST_CASE("laws: Standardization, of images and of vectors") {
  check_laws(DrawnStandardization(), {2, 3, 2, 4});
  check_laws(DrawnStandardization(), {4, 5});
}
TEST_CASE("laws: a flow of vectors") {
  using VectorStep = Flow<ActNorm, Conv1x1, CouplingOf<RationalQuadratic<8>, Mlp>>;
  check_laws(
      Repeat<VectorStep>(2, VectorStep(ActNorm(), Conv1x1(), CouplingOf<RationalQuadratic<8>, Mlp>(Mlp(6)))),
      {4, 5});
}
TEST_CASE("laws: a coupling whose map is chosen at run time") {
  for (const CouplingMap map : {CouplingMap::affine, CouplingMap::additive, CouplingMap::exp,
                                CouplingMap::spline, CouplingMap::shifted}) {
    INFO(name_of(map));
    check_laws(AnyCoupling(Architecture{.width = 5, .coupling = map}), {2, 3, 2, 4});
    CHECK(coupling_map_of(name_of(map)) == map);
  }
  CHECK(message_of<Error>([] { coupling_map_of("cubic"); }) ==
        "coupling: 'cubic' is none of affine, additive, exp, spline, shifted");
}
TEST_CASE("laws: Flow<ActNorm, Conv1x1, Coupling>") {
  check_laws(Step(ActNorm(), Conv1x1(), Coupling(6)), {2, 2, 4, 4});
}
TEST_CASE("laws: Repeat<Step, 2>") { check_laws(Repeat<Step, 2>(Architecture{.width = 5}), {2, 2, 2, 4}); }
TEST_CASE("laws: Level with Squeeze") {
  check_laws(Level(Architecture{.depth = 2, .width = 5}), {2, 4, 2, 1});
}
TEST_CASE("laws: a user's layers in tape operations") {
  check_laws(Squash(), {2, 3, 2, 3});
  check_laws(PlainActNorm(), {2, 3, 2, 3});
}
TEST_CASE("laws: a user's layer inside a Flow") {
  check_laws(Flow<ActNorm, Squash, Conv1x1, Coupling, ActNorm>(ActNorm(), Squash(), Conv1x1(), Coupling(4),
                                                               ActNorm()),
             {2, 2, 3, 4});
}
