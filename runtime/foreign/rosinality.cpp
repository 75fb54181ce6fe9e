// Names of https://github.com/rosinality/glow-pytorch (model.py): blocks.B.flows.K.{actnorm, invconv,
// coupling}, blocks.B.prior. Scales are multiplied, and may be negative; networks give [raw log-scale |
// shift]; the last convolutions of networks and the priors' are padded with ones and multiplied with exp(3
// scale).
#include <cmath>

#include "foreign/step_parts.hpp"
#include "foreign/torch_models.hpp"

namespace glow::foreign {

namespace {

// ZeroConv2d.
Convolution take_padded(Tensors& tensors, const std::string& name, Index inputs, Index outputs) {
  Convolution conv =
      take_convolution(tensors, name + ".conv.weight", name + ".conv.bias", 9, inputs, outputs);
  fold_scale(conv, tensors.take(name + ".scale", {outputs}), 3);
  ones_around_to_edge(conv);
  return conv;
}

ForeignStep rosinality_step(Tensors& tensors, const std::string& name, Index c, CouplingMap map) {
  ForeignStep step;
  step.bias = tensors.take(name + ".actnorm.loc", {c});
  for (const double scale : tensors.take(name + ".actnorm.scale", {c})) {
    tensors.check(scale != 0, "'", name, ".actnorm.scale' has a 0: there is no way back through it");
    step.log_scale.push_back(std::log(std::abs(scale)));
    step.sign.push_back(scale < 0 ? -1 : 1);
  }
  tensors.leave(name + ".actnorm.initialized");
  const std::string conv = name + ".invconv.", net = name + ".coupling.net.";
  step.weight_name = conv + (tensors.has(conv + "weight") ? "weight" : "w_l");
  step.weight = take_matrix(tensors, conv + "weight",
                            {conv + "w_p",
                             conv + "w_l",
                             conv + "w_u",
                             conv + "w_s",
                             conv + "s_sign",
                             {conv + "u_mask", conv + "l_mask", conv + "l_eye"}},
                            c);
  const Index width = extent(tensors, net + "0.weight", 0, 4);
  const bool affine = map != CouplingMap::additive;
  step.conv1 = take_convolution(tensors, net + "0.weight", net + "0.bias", 9, c / 2, width);
  step.conv2 = take_convolution(tensors, net + "2.weight", net + "2.bias", 1, width, width);
  step.conv3 = take_padded(tensors, net + "4", width, affine ? c : c / 2);
  add_empty_input(step.conv1);
  if (affine) swap_halves(step.conv3);
  return step;
}

}  // namespace

ForeignGlow read_rosinality(Tensors& tensors) {
  ForeignGlow glow{.source = "rosinality/glow-pytorch", .edges = true, .prior_edges = true};
  Index c = extent(tensors, "blocks.0.flows.0.actnorm.loc", 1, 4);
  tensors.check(c % 4 == 0, "its first ActNorm has ", c, " channels, which are not 4 for each of an image");
  glow.channels = c / 4;
  glow.coupling = map_of(tensors, "blocks.0.flows.0.coupling.net.4.conv.weight", c / 2);
  for (int b = 0;; ++b, c *= 2) {
    const std::string block = "blocks." + std::to_string(b) + ".";
    auto& steps = glow.levels.emplace_back();
    const auto name = [&] { return block + "flows." + std::to_string(steps.size()); };
    do steps.push_back(rosinality_step(tensors, name(), c, glow.coupling));
    while (tensors.has_any(name() + "."));
    if (!tensors.has_any("blocks." + std::to_string(b + 1) + ".")) {
      glow.top = take_padded(tensors, block + "prior", c, 2 * c);
      break;
    }
    glow.priors.push_back(take_padded(tensors, block + "prior", c / 2, c));
  }
  check_uniform(tensors, glow);
  return glow;
}

}  // namespace glow::foreign
