// The model that the program trains.
#pragma once

#include <glow/glow.hpp>

namespace glow::app {

using Step = Flow<ActNorm, AnyPermutation, AnyCoupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using GlowNet = MultiScale<Level>;

}  // namespace glow::app
