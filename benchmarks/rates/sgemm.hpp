// Products of float matrices by this library, Eigen and OpenBLAS: what the networks' speed is told as a share
// of.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace glow::benchmarks {

/// A product C = A B that can be timed, by one library on all threads at once.
struct Sgemm {
  std::string name;                             ///< "Eigen 96x512x512": the library, then m, k, n
  double flops;                                 ///< of a call
  std::function<std::function<void()>()> make;  ///< makes operands, and the call on them
};

/// All of them, at the size of a tile of a coupling network and at one that suits the other libraries best.
std::vector<Sgemm> sgemms();

/// OpenBLAS's version and kernels; empty in a build without it.
std::string openblas_version();

}  // namespace glow::benchmarks
