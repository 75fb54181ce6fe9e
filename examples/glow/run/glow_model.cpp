#include "run/glow_model.hpp"

template class glow::Model<glow::app::GlowNet, float>;
template class glow::Trainer<glow::app::GlowNet, float>;
