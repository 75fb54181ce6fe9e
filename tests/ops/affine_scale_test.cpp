#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("affine scale: a vector at a time, it is that of its equation in double, to rounding") {
  std::vector<float> raw;
  for (float h = -130; h <= 130; h += 0.0371f) raw.push_back(h);
  for (const float h : {-2.0f, 0.0f, 1e-30f, 86.0f, -89.4f, -90.0f, 1e30f}) raw.push_back(h);
  const auto n = static_cast<Index>(raw.size());
  std::vector<float> inverse(raw.size()), log_scale(raw.size());
  ops::with_isa<float>(
      [&]<class I>(I) { I::affine_scales(n, raw.data(), inverse.data(), log_scale.data()); });
  double worst_inverse = 0, worst_log = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    // h + 2 is rounded before the exponential, which would show in the exponential of a large one.
    const ops::AffineScale<double> want(static_cast<double>(raw[i] + 2.0f) - 2);
    if (want.inverse > 1e37) {
      CHECK(inverse[i] > 1e37f);  // perhaps infinite, as 1 + exp is in float
    } else {
      worst_inverse = std::max(worst_inverse, std::abs(static_cast<double>(inverse[i]) / want.inverse - 1));
    }
    if (raw[i] > 80) {
      CHECK(std::abs(log_scale[i]) < 1e-35f);  // below what the smallest normal number can hold
    } else {
      worst_log = std::max(worst_log, std::abs(static_cast<double>(log_scale[i]) / want.log_scale - 1));
    }
  }
  CHECK(worst_inverse <= 4e-7);
  CHECK(worst_log <= 4e-7);
}

TEST_CASE("affine scale: what is not a number stays so, and infinity is the limit") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float raw[] = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity};
  float inverse[3], log_scale[3];
  ops::with_isa<float>([&]<class I>(I) { I::affine_scales(3, raw, inverse, log_scale); });
  CHECK(std::isnan(inverse[0]));
  CHECK(std::isnan(log_scale[0]));
  CHECK(inverse[1] == 1);
  CHECK(log_scale[1] == 0);
  CHECK(inverse[2] == infinity);
  CHECK(log_scale[2] == -infinity);
}
