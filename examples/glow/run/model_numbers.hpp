// What the numbers of a model must be.
#pragma once

#include <string>

#include <glow/core/tensor.hpp>

namespace glow::app {

/// Checks the numbers of a model's tensor `name`: all are finite; a permutation has one 1 in each row and
/// column, and 0 elsewhere; an order has every channel once; a sign is 1 or -1. Throws CheckpointError,
/// naming the tensor, the number and its place.
void check_model_numbers(const std::string& name, View<const float> x);

/// Checks Adam's moments: the first is finite, the second not negative, nor NaN. Throws CheckpointError
/// likewise.
void check_moments(const std::string& first_name, View<const float> first, const std::string& second_name,
                   View<const float> second);

}  // namespace glow::app
