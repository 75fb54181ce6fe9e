#include "foreign/lu.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace glow::foreign {

Matrix LuFactors::permutation() const {
  const std::size_t n = row_of_column.size();
  Matrix p(n * n, 0.0);
  for (std::size_t j = 0; j < n; ++j) p[static_cast<std::size_t>(row_of_column[j]) * n + j] = 1;
  return p;
}

std::optional<LuFactors> lu_factors(Matrix w, Index size) {
  const auto n = static_cast<std::size_t>(size);
  LuFactors f{std::vector<Index>(n), Matrix(n * n, 0.0), Matrix(n * n, 0.0), std::vector<double>(n),
              std::vector<double>(n)};
  std::iota(f.row_of_column.begin(), f.row_of_column.end(), Index{0});
  double largest = 0;
  for (const double v : w) largest = std::max(largest, std::abs(v));
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(w[i * n + k]) > std::abs(w[pivot * n + k])) pivot = i;
    }
    if (!(std::abs(w[pivot * n + k]) > std::ldexp(largest, -24))) return std::nullopt;
    if (pivot != k) {
      std::swap_ranges(&w[k * n], &w[k * n] + n, &w[pivot * n]);
      std::swap(f.row_of_column[k], f.row_of_column[pivot]);
    }
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = w[i * n + k] /= w[k * n + k];
      for (std::size_t j = k + 1; j < n; ++j) w[i * n + j] -= factor * w[k * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(&w[i * n], i, &f.lower[i * n]);
    f.lower[i * n + i] = 1;
    std::copy(&w[i * n] + i + 1, &w[i * n] + n, &f.upper[i * n] + i + 1);
    f.log_s[i] = std::log(std::abs(w[i * n + i]));
    f.sign_s[i] = w[i * n + i] < 0 ? -1 : 1;
  }
  return f;
}

Matrix product(const Matrix& a, const Matrix& b, Index size) {
  const auto n = static_cast<std::size_t>(size);
  Matrix c(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  return c;
}

}  // namespace glow::foreign
