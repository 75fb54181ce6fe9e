// Tensors as Eigen's matrices and tensors, and back. Needs Eigen 3.3, which no other header of glow needs;
// CMake's target for it is glow::eigen. Sources that need matrices alone compile faster with
// glow/eigen/matrix.hpp.
#pragma once

#include <glow/eigen/matrix.hpp>
#include <glow/eigen/tensor.hpp>
