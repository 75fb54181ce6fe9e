// expect: deleted
#include <glow/core/arena.hpp>

void wrong() { [[maybe_unused]] const glow::View<const float> v = glow::Tensor<float>({3}); }
