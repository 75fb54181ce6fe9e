#include "run/model_numbers.hpp"

#include <cmath>
#include <vector>

namespace glow::app {

namespace {

// Throws unless right(v) holds for every number.
template <class Right>
void check_each(const std::string& name, View<const float> x, std::string_view needed, Right right) {
  for (Index i = 0; i < x.size(); ++i) {
    if (!right(x[i]))
      throw CheckpointError(join("tensor '", name, "': number ", i, " is ", x[i], "; it must be ", needed));
  }
}

void check_permutation(const std::string& name, View<const float> p) {
  check_each(name, p, "0 or 1, as in a permutation", [](float v) { return v == 0 || v == 1; });
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

void check_order(const std::string& name, View<const float> order) {
  const float channels = static_cast<float>(order.size());
  check_each(name, order, join("a channel, 0 to ", order.size() - 1),
             [&](float v) { return v >= 0 && v < channels && v == std::floor(v); });
  std::vector<bool> named(static_cast<std::size_t>(order.size()));
  for (const float v : order) {
    const auto channel = static_cast<std::size_t>(v);
    require<CheckpointError>(!named[channel], "tensor '", name, "' is not an order: it names channel ",
                             channel, " twice");
    named[channel] = true;
  }
}

}  // namespace

void check_model_numbers(const std::string& name, View<const float> x) {
  if (name.ends_with("/permutation")) return check_permutation(name, x);
  if (name.ends_with("/permutation/order")) return check_order(name, x);
  if (name.ends_with("/sign_s"))
    return check_each(name, x, "1 or -1", [](float v) { return v == 1 || v == -1; });
  check_each(name, x, "finite", [](float v) { return std::isfinite(v); });
}

void check_moments(const std::string& first_name, View<const float> first, const std::string& second_name,
                   View<const float> second) {
  check_each(first_name, first, "finite", [](float v) { return std::isfinite(v); });
  check_each(second_name, second, "at least 0", [](float v) { return v >= 0; });
}

}  // namespace glow::app
