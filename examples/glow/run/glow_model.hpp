// The model that the program trains, instantiated once for all its commands.
#pragma once

#include <glow/glow.hpp>

namespace glow::app {

using Step = Flow<ActNorm, Conv1x1, Coupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using GlowNet = MultiScale<Level>;
using GlowModel = Model<GlowNet, float>;
using GlowTrainer = Trainer<GlowNet, float>;

}  // namespace glow::app

extern template class glow::Model<glow::app::GlowNet, float>;
extern template class glow::Trainer<glow::app::GlowNet, float>;
