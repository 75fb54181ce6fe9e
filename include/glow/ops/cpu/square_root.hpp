// Square roots a vector at a time, by the instruction set that the build's own flags name. A compiler takes
// std::sqrt in a loop number by number, because a root of a negative number sets errno.
#pragma once

#include <cmath>
#include <limits>

#include <glow/ops/cpu/instruction_sets.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// x y with y near 1 / sqrt(x), after `Steps` steps of Newton's method, y -> y (3 - x y^2) / 2, which leave an
// error of 3 units in the last place; 0 for x below the smallest normal number, which has no estimate.
template <int Steps, class T, class V>
V root_by_estimate(V x, V y) {
  const V minus_half_x = x * T(-0.5);
  for (int step = 0; step < Steps; ++step) {
    const V square = y * y;
    y = y * (minus_half_x * square + T(1.5));
  }
  const V zero{}, root = x * y;
  const V of_small = x < zero ? root : zero;
  return x < zero + std::numeric_limits<T>::min() ? of_small : root;
}

}  // namespace detail

#if defined(__AVX512F__)
// With a mask of all lanes, without which g++ 12 warns of its own header (GCC bug 105593).
inline BuildIsa::Vector<float> square_root(BuildIsa::Vector<float> x) {
  return detail::root_by_estimate<1, float>(
      x, (BuildIsa::Vector<float>)_mm512_maskz_rsqrt14_ps(0xffff, (__m512)x));
}
inline BuildIsa::Vector<double> square_root(BuildIsa::Vector<double> x) {
  return detail::root_by_estimate<2, double>(
      x, (BuildIsa::Vector<double>)_mm512_maskz_rsqrt14_pd(0xff, (__m512d)x));
}
#elif defined(__AVX__)
inline BuildIsa::Vector<float> square_root(BuildIsa::Vector<float> x) {
  return detail::root_by_estimate<1, float>(x, (BuildIsa::Vector<float>)_mm256_rsqrt_ps((__m256)x));
}
inline BuildIsa::Vector<double> square_root(BuildIsa::Vector<double> x) {
  return (BuildIsa::Vector<double>)_mm256_sqrt_pd((__m256d)x);
}
#elif defined(__x86_64__)
inline BuildIsa::Vector<float> square_root(BuildIsa::Vector<float> x) {
  return detail::root_by_estimate<1, float>(x, (BuildIsa::Vector<float>)_mm_rsqrt_ps((__m128)x));
}
inline BuildIsa::Vector<double> square_root(BuildIsa::Vector<double> x) {
  return (BuildIsa::Vector<double>)_mm_sqrt_pd((__m128d)x);
}
#else
template <class V>
V square_root(V x) {
  for (std::size_t i = 0; i < sizeof x / sizeof x[0]; ++i) x[i] = std::sqrt(x[i]);
  return x;
}
#endif

}  // namespace glow::ops
