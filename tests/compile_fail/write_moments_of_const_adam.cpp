// expect: assign
#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Net = glow::MultiScale<glow::Flow<glow::Squeeze, glow::Repeat<Step>>>;

void wrong(const glow::Adam<float>& adam) { adam.first_moment()[0] = 42; }
