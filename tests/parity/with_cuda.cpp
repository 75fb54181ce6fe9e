#include <glow/cuda.hpp>

#include "parity/parity.hpp"

namespace glow::parity {

bool compare_on_cuda(const SafetensorsFile& file) { return compare<Cuda>(file); }

}  // namespace glow::parity
