// expect: Model
#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Net = glow::MultiScale<glow::Flow<glow::Squeeze, glow::Repeat<Step>>>;

void wrong(const glow::Model<Net>& model, const glow::Tensor<float>& x) { model.forward(x.view(), {}, {}); }
