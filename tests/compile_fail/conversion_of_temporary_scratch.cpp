// expect: deleted
#include <glow/core/arena.hpp>

void wrong() { [[maybe_unused]] const glow::View<float> v = glow::Scratch<float>({3}); }
