#include "foreign/reference_constants.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace glow::foreign {

namespace {

// Threefry-2x32 of 20 rounds with key (0, 0), of which the third key word is the constant of the parity.
// Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011.
std::array<std::uint32_t, 2> threefry(std::uint32_t x0, std::uint32_t x1) {
  constexpr std::uint32_t key[3] = {0, 0, 0x1BD11BDA};
  constexpr int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  x0 += key[0];
  x1 += key[1];
  for (std::uint32_t group = 0; group < 5; ++group) {
    for (const int by : rotations[group % 2]) {
      x0 += x1;
      x1 = std::rotl(x1, by) ^ x0;
    }
    x0 += key[(group + 1) % 3];
    x1 += key[(group + 2) % 3] + group + 1;
  }
  return {x0, x1};
}

// The number whose erf is y, by Newton's method.
double erfinv(double y) {
  double x = 0;
  for (int i = 0; i < 100; ++i) {
    const double step = (std::erf(x) - y) * std::sqrt(std::numbers::pi) / 2 * std::exp(x * x);
    x -= step;
    if (std::abs(step) < 1e-15) break;
  }
  return x;
}

// Normal numbers [n]: JAX counts in two halves, and takes the second's numbers after the first's; 23 bits
// make a float in [1, 2), which is stretched over (-1, 1).
Matrix normal_numbers(std::size_t n) {
  const std::size_t half = (n + 1) / 2;
  Matrix numbers(2 * half);
  for (std::size_t i = 0; i < half; ++i) {
    const auto second = static_cast<std::uint32_t>(half + i < n ? half + i : 0);
    const auto bits = threefry(static_cast<std::uint32_t>(i), second);
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      const float unit = std::bit_cast<float>(bits[k] >> 9 | 0x3F800000u) - 1.0f;
      const float least = std::nextafter(-1.0f, 0.0f);
      const float u = std::max(least, unit * (1.0f - least) + least);
      numbers[k * half + i] = std::sqrt(2.0) * erfinv(static_cast<double>(u));
    }
  }
  numbers.resize(n);
  return numbers;
}

// Q of a = Q R by Householder's reflections, with LAPACK's choice of signs (geqrf, larfg).
Matrix rotation_of(Matrix a, std::size_t n) {
  Matrix q(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) q[i * n + i] = 1;
  for (std::size_t k = 0; k + 1 < n; ++k) {
    double norm = 0;
    for (std::size_t i = k; i < n; ++i) norm = std::hypot(norm, a[i * n + k]);
    const double beta = a[k * n + k] < 0 ? norm : -norm, tau = (beta - a[k * n + k]) / beta;
    std::vector<double> v(n, 0.0);
    v[k] = 1;
    for (std::size_t i = k + 1; i < n; ++i) v[i] = a[i * n + k] / (a[k * n + k] - beta);
    for (std::size_t j = k; j < n; ++j) {  // a = (1 - tau v v^T) a
      double dot = 0;
      for (std::size_t i = k; i < n; ++i) dot += v[i] * a[i * n + j];
      for (std::size_t i = k; i < n; ++i) a[i * n + j] -= tau * dot * v[i];
    }
    for (std::size_t i = 0; i < n; ++i) {  // q = q (1 - tau v v^T)
      double dot = 0;
      for (std::size_t j = k; j < n; ++j) dot += q[i * n + j] * v[j];
      for (std::size_t j = k; j < n; ++j) q[i * n + j] -= tau * dot * v[j];
    }
  }
  return q;
}

}  // namespace

LuFactors reference_constants(Index channels) {
  const auto n = static_cast<std::size_t>(channels);
  return lu_factors(rotation_of(normal_numbers(n * n), n), channels).value();
}

}  // namespace glow::foreign
