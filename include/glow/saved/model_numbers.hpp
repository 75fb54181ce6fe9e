// What the numbers of a model must be.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// Throws unless right(v) holds for every number.
template <class T, class Right>
void check_each(const std::string& name, View<const T> x, std::string_view needed, Right right) {
  for (Index i = 0; i < x.size(); ++i) {
    if (!right(x[i]))
      throw CheckpointError(join("tensor '", name, "': number ", i, " is ", x[i], "; it must be ", needed));
  }
}

template <class T>
void check_permutation(const std::string& name, View<const T> p) {
  check_each(name, p, "0 or 1, as in a permutation", [](T v) { return v == 0 || v == 1; });
  const Index n = p.shape()[0];
  std::vector<Index> in_row(static_cast<std::size_t>(n)), in_column(in_row);
  for (Index i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    ++in_row[static_cast<std::size_t>(i / n)];
    ++in_column[static_cast<std::size_t>(i % n)];
  }
  for (std::size_t i = 0; i < in_row.size(); ++i) {
    require<CheckpointError>(in_row[i] == 1 && in_column[i] == 1, "tensor '", name,
                             "' is not a permutation: row ", i, " has ", in_row[i], " ones and column ", i,
                             " has ", in_column[i]);
  }
}

template <class T>
void check_order(const std::string& name, View<const T> order) {
  const T channels = static_cast<T>(order.size());
  check_each(name, order, join("a channel, 0 to ", order.size() - 1),
             [&](T v) { return v >= 0 && v < channels && v == std::floor(v); });
  std::vector<bool> named(static_cast<std::size_t>(order.size()));
  for (const T v : order) {
    const auto channel = static_cast<std::size_t>(v);
    require<CheckpointError>(!named[channel], "tensor '", name, "' is not an order: it names channel ",
                             channel, " twice");
    named[channel] = true;
  }
}

}  // namespace detail

/// Checks the numbers of a model's tensor `name`: all are finite; a permutation has one 1 in each row and
/// column, and 0 elsewhere; an order has every channel once; a sign is 1 or -1. Throws CheckpointError,
/// naming the tensor, the number and its place.
template <class T>
void check_model_numbers(const std::string& name, View<const T> x) {
  if (name.ends_with("/permutation")) return detail::check_permutation(name, x);
  if (name.ends_with("/permutation/order")) return detail::check_order(name, x);
  if (name.ends_with("/sign_s"))
    return detail::check_each(name, x, "1 or -1", [](T v) { return v == 1 || v == -1; });
  detail::check_each(name, x, "finite", [](T v) { return std::isfinite(v); });
}

/// Checks Adam's moments: the first is finite, the second not negative, nor NaN. Throws CheckpointError
/// likewise.
template <class T>
void check_moments(const std::string& first_name, View<const T> first, const std::string& second_name,
                   View<const T> second) {
  detail::check_each(first_name, first, "finite", [](T v) { return std::isfinite(v); });
  detail::check_each(second_name, second, "at least 0", [](T v) { return v >= 0; });
}

}  // namespace glow
