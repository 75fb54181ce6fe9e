// The laws of layers with products of matrices and 3x3 neighbourhoods, whose loops exist once for each
// instruction set. glow_isa_tests runs these with every set, so they are few.
#include "layers/laws.hpp"
#include "layers/witness.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("laws: Conv1x1") {
  for (const Shape& x : {Shape{2, 3, 2, 6}, Shape{1, 1, 1, 1}}) {
    check_laws(Conv1x1(), x);
    check_witness(Conv1x1(), x, Conv1x1Equation());
  }
}
TEST_CASE("laws: Coupling") {
  check_laws(Coupling(7), {2, 4, 3, 6});
  check_witness(Coupling(7), {2, 4, 3, 6}, CouplingEquation());
}
TEST_CASE("laws: Coupling with an odd number of channels, one pixel, one image") {
  for (const Shape& x : {Shape{2, 2, 3, 3}, Shape{3, 1, 1, 2}}) {
    check_laws(Coupling(5), x);
    check_witness(Coupling(5), x, CouplingEquation());
  }
}
TEST_CASE("laws: Coupling over several chunks of images") {
  SubjectOf<Coupling, double> coupling(Coupling(3), Coupling(3), {3, 20, 40, 2});
  Shaken<double> s(coupling);
  check_inverse(s, {3, 20, 40, 2}, 1e-12);
  check_witness(Coupling(3), {3, 20, 40, 2}, CouplingEquation());
}
TEST_CASE("laws: Repeat<Step>") {
  check_laws(Repeat<Step>(3, Step(ActNorm(), Conv1x1(), Coupling(5))), {2, 2, 2, 4});
}
TEST_CASE("laws: Coupling by an Mlp, of vectors [N, D]") {
  check_laws(CouplingOf<SigmoidAffine, Mlp>(Mlp(5)), {3, 6});
}
