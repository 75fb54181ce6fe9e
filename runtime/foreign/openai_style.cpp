// Names of https://github.com/chaiyujin/glow-pytorch (glow/models.py, glow/modules.py) and of
// https://github.com/y0ast/Glow-PyTorch (model.py, modules.py), which follows it: flow.layers.I counts
// squeezes, steps and splits together. Hidden convolutions are followed by an ActNorm, last ones and the
// priors' multiplied with exp(3 logs); networks and split priors give their two kinds of numbers in turns.
#include "foreign/step_parts.hpp"
#include "foreign/torch_models.hpp"

namespace glow::foreign {

namespace {

// How one of the two calls things.
struct Names {
  std::string source;
  std::string net;          // of a step
  std::string convolution;  // within a Conv2d or Conv2dZeros: "conv." or none
  std::string top;
  std::string lower, upper;
};

// Conv2dZeros.
Convolution take_scaled(Tensors& tensors, const Names& names, const std::string& at, Index taps, Index inputs,
                        Index outputs) {
  const std::string conv = at + "." + names.convolution;
  Convolution c = take_convolution(tensors, conv + "weight", conv + "bias", taps, inputs, outputs);
  fold_scale(c, tensors.take(at + ".logs", {outputs}), 3);
  return c;
}

// Conv2d: (x * kernel + bias) exp(logs).
Convolution take_normalized(Tensors& tensors, const Names& names, const std::string& at, Index taps,
                            Index inputs, Index outputs) {
  Convolution c = take_convolution(tensors, at + "." + names.convolution + "weight", at + ".actnorm.bias",
                                   taps, inputs, outputs);
  fold_scale(c, tensors.take(at + ".actnorm.logs", {outputs}));
  return c;
}

ForeignStep openai_step(Tensors& tensors, const Names& names, const std::string& at, Index c,
                        CouplingMap map) {
  ForeignStep step;
  step.bias = tensors.take(at + ".actnorm.bias", {c});
  step.log_scale = tensors.take(at + ".actnorm.logs", {c});
  step.sign.assign(static_cast<std::size_t>(c), 1.0);
  const std::string conv = at + ".invconv.", net = at + "." + names.net + ".";
  tensors.check(tensors.has_any(conv), "'", at,
                "' has no 1x1 convolution: its channels are reversed or shuffled, in "
                "an order that the file does not hold");
  step.weight_name = conv + (tensors.has(conv + "weight") ? "weight" : names.lower);
  step.weight = take_matrix(
      tensors, conv + "weight",
      {conv + "p", conv + names.lower, conv + names.upper, conv + "log_s", conv + "sign_s", {}}, c);
  const Index width = extent(tensors, net + "0." + names.convolution + "weight", 0, 4);
  const bool affine = map != CouplingMap::additive;
  step.conv1 = take_normalized(tensors, names, net + "0", 9, c / 2, width);
  step.conv2 = take_normalized(tensors, names, net + "2", 1, width, width);
  step.conv3 = take_scaled(tensors, names, net + "4", 9, width, affine ? c : c / 2);
  if (affine) split_interleaved(step.conv3);
  return step;
}

ForeignGlow read(Tensors& tensors, const Names& names) {
  ForeignGlow glow{.source = names.source};
  tensors.check(!tensors.has_any("project_ycond"),
                "it is conditional on labels (project_ycond), which is not imported");
  const auto layer = [](int i) { return "flow.layers." + std::to_string(i); };
  Index c = extent(tensors, "flow.layers.1.actnorm.bias", 1, 4);
  tensors.check(c % 4 == 0, "its first ActNorm has ", c, " channels, which are not 4 for each of an image");
  glow.channels = c / 4;
  glow.coupling = map_of(tensors, "flow.layers.1." + names.net + ".4." + names.convolution + "weight", c / 2);
  int i = 1;  // layer 0 squeezes
  for (;; c *= 2) {
    auto& steps = glow.levels.emplace_back();
    do steps.push_back(openai_step(tensors, names, layer(i++), c, glow.coupling));
    while (tensors.has(layer(i) + ".actnorm.bias"));
    if (!tensors.has_any(layer(i) + ".")) break;
    glow.priors.push_back(take_scaled(tensors, names, layer(i) + ".conv", 9, c / 2, c));
    split_interleaved(glow.priors.back());
    i += 2;  // the split, and the next level's squeeze
  }
  if (tensors.has_any(names.top + ".")) glow.top = take_scaled(tensors, names, names.top, 9, 2 * c, 2 * c);
  if (tensors.has("prior_h")) {
    glow.last_image = Shape{extent(tensors, "prior_h", 2, 4), extent(tensors, "prior_h", 3, 4)};
    tensors.leave("prior_h");
  }
  check_uniform(tensors, glow);
  return glow;
}

}  // namespace

ForeignGlow read_y0ast(Tensors& tensors) {
  return read(tensors, {"y0ast/Glow-PyTorch", "block", "conv.", "learn_top_fn", "lower", "upper"});
}

ForeignGlow read_chaiyujin(Tensors& tensors) {
  return read(tensors, {"chaiyujin/glow-pytorch", "f", "", "learn_top", "l", "u"});
}

}  // namespace glow::foreign
