// flags: -ffast-math
// expect: glow: -ffast-math, -Ofast and -ffinite-math-only make std::isfinite always true
#include <glow/glow.hpp>

int main() {}
