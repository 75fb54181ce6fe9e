// flags: -O2 -ffinite-math-only
// expect: glow: -ffast-math, -Ofast and -ffinite-math-only make std::isfinite always true
#include <glow/glow.hpp>

int main() {}
