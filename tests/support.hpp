// What several tests need.
#pragma once

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include <glow/glow.hpp>

#include "catch.hpp"

namespace glow::test {

using Step = Flow<ActNorm, Conv1x1, Coupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using Glow = MultiScale<Level>;

/// A tensor of N(0, 1) draws times `scale`.
template <class T = double>
Tensor<T> normal(Shape shape, std::uint64_t stream, T scale = 1) {
  Tensor<T> x(shape);
  fill_normal(x.view(), Random{2024, stream});
  for (T& v : x) v *= scale;
  return x;
}

/// Largest |a - b| / max(1, largest |b|); infinity where sizes differ or a number is not finite.
template <class T>
double difference(View<const T> a, View<const T> b) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (a.size() != b.size()) return infinity;
  double largest = 1, worst = 0;
  for (const T& v : b) largest = std::max(largest, std::abs(static_cast<double>(v)));
  for (Index i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!std::isfinite(d)) return infinity;
    worst = std::max(worst, d);
  }
  return worst / largest;
}
template <class T>
double difference(const Tensor<T>& a, const Tensor<T>& b) {
  return difference<T>(View<const T>(a), View<const T>(b));
}

/// The central difference of objective() in a number, which is left as it was.
template <class F>
double central_difference(double& number, F objective) {
  constexpr double h = 1e-5;
  const double old = number;
  number = old + h;
  const double up = objective();
  number = old - h;
  const double down = objective();
  number = old;
  return (up - down) / (2 * h);
}

/// True if both hold the same bits.
template <class T>
bool same_bits(View<const T> a, View<const T> b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0;
}

template <class T>
bool same_bits(const Tensor<T>& a, const Tensor<T>& b) {
  return same_bits<T>(View<const T>(a), View<const T>(b));
}

/// The text of the exception of type E that fn() throws; "" if it throws none.
template <class E = Error, class F>
std::string message_of(F fn) {
  try {
    fn();
  } catch (const E& e) {
    return e.what();
  }
  return "";
}

/// The library's warnings while fn() runs, a line each.
template <class F>
std::string warnings_of(F fn) {
  std::string all;
  const auto before = on_warning([&](const std::string& text) { all += text + "\n"; });
  fn();
  on_warning(before);
  return all;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// An empty folder that goes away with its object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "glow_test_XXXXXX").string();
    require<FileError>(::mkdtemp(name.data()) != nullptr, "cannot make a folder for tests");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Moves every trainable number off its starting value.
template <class T>
void shake(ParameterStore<T>& parameters, std::type_identity_t<T> scale = T(0.1)) {
  const auto noise = normal<T>(parameters.values().shape(), 99, scale);
  for (Index i = 0; i < noise.size(); ++i) parameters.values()[i] += noise[i];
}

}  // namespace glow::test
