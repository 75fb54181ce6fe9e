// Convolutions by cuDNN and by gathering, side by side in one process, whatever the table would choose.
#include <cstdlib>

#include "coupling_twin.hpp"

namespace glow::test {
namespace {

using cuda::ConvolutionForm;

// Both forms, or the one that this build has.
std::vector<ConvolutionForm> forms() {
  if (!kernels::has_cudnn()) return {ConvolutionForm::gather};
  return {ConvolutionForm::gather, ConvolutionForm::cudnn};
}

}  // namespace

TEST_CASE("cuda: the coupling network in every precision and both forms", "[cuda]") {
  for (const ConvolutionForm form : forms()) {
    const cuda::ConvolutionFormScope scope(form);
    INFO((form == ConvolutionForm::cudnn ? "cuDNN" : "gather"));
    for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{1, 5, 7, 5}, Shape{2, 1, 1, 2}}) {
      CouplingTwin<float>(shape, 24).check(1e-5, 1e-5);
      CouplingTwin<float> twin(shape, 24, Precision::tf32);
      twin.check_values(2e-3, 1e-5);
      twin.decide();
      twin.check(2e-3, 1e-5);
    }
    CouplingTwin<float> wide({1, 2, 3, 6}, 600, Precision::bf16);
    wide.check_values(2e-2, 1e-5);
    wide.decide();
    wide.check(2e-2, 1e-5);
  }
}

TEST_CASE("cuda: both forms of the coupling network over several chunks of images, same bits",
          "[cuda][large]") {
  for (const ConvolutionForm form : forms()) {
    const cuda::ConvolutionFormScope scope(form);
    CouplingTwin<float> twin({3, 100, 120, 2}, 3);
    twin.check(1e-5, 1e-5);
    const auto first = twin.run();
    CHECK(same_bits<float>(first, twin.run()));
  }
}

TEST_CASE("cuda: the table of convolutions and what overrules it", "[cuda]") {
  auto& form = cuda::Context::current().convolution_form;
  const auto before = form;
  form.reset();
  const auto chosen = [](Precision precision, Index width) {
    return ops::convolution_form<float>(precision, width, 12);
  };
  const ConvolutionForm other = kernels::has_cudnn() ? ConvolutionForm::cudnn : ConvolutionForm::gather;
  CHECK(chosen(Precision::full, 0) == other);
  CHECK(chosen(Precision::full, 512) == ConvolutionForm::gather);
  CHECK(chosen(Precision::tf32, 64) == ConvolutionForm::gather);
  CHECK(chosen(Precision::tf32, 512) == other);
  CHECK(chosen(Precision::bf16, 1024) == other);
  form = ConvolutionForm::gather;
  CHECK(chosen(Precision::tf32, 512) == ConvolutionForm::gather);
  form = ConvolutionForm::cudnn;
  CHECK(chosen(Precision::full, 512) == ConvolutionForm::cudnn);
  CHECK(ops::convolution_form<double>(Precision::full, 512, 12) == ConvolutionForm::gather);
  form = before;
}

TEST_CASE("cuda: GLOW_CONV is read, and a value that names no form is refused", "[cuda]") {
  const char* const found = std::getenv("GLOW_CONV");
  const std::string before = found == nullptr ? "" : found;
  const auto set = [](const char* value) { setenv("GLOW_CONV", value, 1); };
  set("");
  CHECK(!cuda::requested_convolution_form());
  set("cudnn");
  CHECK(cuda::requested_convolution_form() == ConvolutionForm::cudnn);
  set("gather");
  CHECK(cuda::requested_convolution_form() == ConvolutionForm::gather);
  set("im2col");
  CHECK(contains(message_of([] { cuda::requested_convolution_form(); }),
                 "GLOW_CONV: 'im2col' is neither gather nor cudnn"));
  set(before.c_str());
}

TEST_CASE("cuda: a convolution without a plan, or without cuDNN, is refused with what helps", "[cuda]") {
  const auto refused = message_of([] {
    Tensor<float, Cuda> x(Shape{1, 1, 1, 1});
    ops::detail::convolve<Cuda>({kernels::ConvolutionPass::forward, Precision::full, 0, 1, 1, 1, 1},
                                {x.data(), x.data(), x.data()});
  });
  CHECK(contains(refused, "cuDNN"));
  if (!kernels::has_cudnn()) CHECK(contains(refused, "built without it; build with -DGLOW_CUDNN=ON"));
}

}  // namespace glow::test
