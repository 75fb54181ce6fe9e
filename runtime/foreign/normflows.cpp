// Names of normflows' MultiscaleFlow of GlowBlocks (https://github.com/VincentStimper/normalizing-flows):
// flows.I.J, coarsest level first, each from latents to data: coupling, 1x1 convolution, ActNorm. Data pass
// the other way, through x -> (x - t) exp(-s), W x and (x - shift) sigmoid(a + 2), by networks whose numbers
// come in turns. Latents have priors of their own, q0.I, of which those are read that are the same at every
// pixel.
#include <algorithm>

#include "foreign/step_parts.hpp"
#include "foreign/torch_models.hpp"

namespace glow::foreign {

namespace {

std::vector<double> negative(std::vector<double> numbers) {
  for (double& v : numbers) v = -v;
  return numbers;
}

// A convolution of a ConvNet2d, which an ActNorm z exp(s) + t may follow, and the number of the next layer
// but one.
Convolution take_hidden(Tensors& tensors, const std::string& net, int& layer, Index taps, Index inputs,
                        Index outputs) {
  const std::string at = net + std::to_string(layer), norm = net + std::to_string(layer + 1) + ".actNorm.";
  const bool has_norm = tensors.has(norm + "s");
  Convolution conv =
      take_convolution(tensors, at + ".weight", has_norm ? "" : at + ".bias", taps, inputs, outputs);
  if (has_norm) {
    fold_scale(conv, tensors.take(norm + "s", {outputs}));
    conv.bias = tensors.take(norm + "t", {outputs});
    tensors.leave(norm + "data_dep_init_done");
  }
  layer += has_norm ? 3 : 2;
  return conv;
}

ForeignStep normflows_step(Tensors& tensors, const std::string& name, Index c, CouplingMap map) {
  ForeignStep step;
  const std::string norm = name + "flows.2.", conv = name + "flows.1.",
                    net = name + "flows.0.flows.1.param_map.net.";
  step.bias = negative(tensors.take(norm + "t", {c}));
  step.log_scale = negative(tensors.take(norm + "s", {c}));
  step.sign.assign(static_cast<std::size_t>(c), 1.0);
  tensors.leave(norm + "data_dep_init_done");
  step.weight_name = conv + (tensors.has(conv + "W") ? "W" : "L");
  step.weight =
      take_matrix(tensors, conv + "W",
                  {conv + "P", conv + "L", conv + "U", conv + "log_S", conv + "sign_S", {conv + "eye"}}, c);
  const Index width = extent(tensors, net + "0.weight", 0, 4);
  const bool affine = map != CouplingMap::additive;
  int layer = 0;
  step.conv1 = take_hidden(tensors, net, layer, 9, c / 2, width);
  step.conv2 = take_hidden(tensors, net, layer, 1, width, width);
  const std::string last = net + std::to_string(layer);
  step.conv3 = take_convolution(tensors, last + ".weight", last + ".bias", 9, width, affine ? c : c / 2);
  if (affine) split_interleaved(step.conv3);
  // shifts are subtracted
  const Index o = step.conv3.outputs;
  for (std::vector<double>* numbers : {&step.conv3.kernel, &step.conv3.bias}) {
    for (std::size_t i = 0; i < numbers->size(); ++i) {
      if (static_cast<Index>(i) % o < c / 2) (*numbers)[i] = -(*numbers)[i];
    }
  }
  return step;
}

// The number of each of c channels, of a tensor [1, c, 1, 1] or [1, c, h, w] that is the same at every pixel.
std::vector<double> take_by_channel(Tensors& tensors, const std::string& name, Index c) {
  const Index h = extent(tensors, name, 2, 4), w = extent(tensors, name, 3, 4);
  tensors.check(extent(tensors, name, 0, 4) == 1, "'", name, "' has shape ", shape_text(tensors.shape(name)),
                ": a prior by classes is not imported");
  const auto numbers = tensors.take(name, {1, c, h, w});
  std::vector<double> out;
  for (auto first = numbers.begin(); first != numbers.end(); first += h * w) {
    tensors.check(
        std::all_of(first, first + h * w, [&](double v) { return v == *first; }), "'", name,
        "' differs from pixel to pixel, as the prior of a DiagGaussian may; one that is the same at every "
        "pixel is needed, as a GlowBase is");
    out.push_back(*first);
  }
  return out;
}

// [mu | log sigma] as the bias of a convolution that reads nothing of its `inputs`.
Convolution take_prior(Tensors& tensors, const std::string& name, Index inputs, Index c) {
  tensors.check(!tensors.has(name + "loc_cc"), "'", name, "loc_cc': a prior by classes is not imported");
  Convolution prior{
      9, inputs, 2 * c, std::vector<double>(static_cast<std::size_t>(18 * inputs * c), 0.0), {}};
  const bool scaled = tensors.has(name + "loc_logs");
  for (const char* part : {"loc", "log_scale"}) {
    Convolution one{0, 0, c, {}, take_by_channel(tensors, name + part, c)};
    if (scaled) fold_scale(one, take_by_channel(tensors, name + part + "_logs", c), 3);
    prior.bias.insert(prior.bias.end(), one.bias.begin(), one.bias.end());
  }
  return prior;
}

}  // namespace

ForeignGlow read_normflows(Tensors& tensors) {
  ForeignGlow glow{.source = "normflows"};
  int levels = 0;
  while (tensors.has_any("flows." + std::to_string(levels) + ".")) ++levels;
  const std::string finest = "flows." + std::to_string(levels - 1) + ".0.";
  Index c = extent(tensors, finest + "flows.2.s", 1, 4);
  tensors.check(c % 4 == 0, "its first ActNorm has ", c, " channels, which are not 4 for each of an image");
  glow.channels = c / 4;
  int last = 0;
  const std::string net = finest + "flows.0.flows.1.param_map.net.";
  while (tensors.has_any(net + std::to_string(last + 1) + ".") ||
         tensors.has_any(net + std::to_string(last + 2) + "."))
    ++last;
  glow.coupling = map_of(tensors, net + std::to_string(last) + ".weight", c / 2);
  for (int level = levels - 1; level >= 0; --level, c *= 2) {
    const std::string flows = "flows." + std::to_string(level) + ".",
                      prior = "q0." + std::to_string(level) + ".";
    int steps = 0;
    while (tensors.has_any(flows + std::to_string(steps) + ".")) ++steps;
    auto& all = glow.levels.emplace_back();
    while (steps-- > 0)
      all.push_back(normflows_step(tensors, flows + std::to_string(steps) + ".", c, glow.coupling));
    if (level > 0) {
      glow.priors.push_back(take_prior(tensors, prior, c / 2, c / 2));
    } else {
      const Index h = extent(tensors, prior + "loc", 2, 4), w = extent(tensors, prior + "loc", 3, 4);
      if (h * w > 1) glow.last_image = Shape{h, w};
      glow.top = take_prior(tensors, prior, c, c);
    }
  }
  check_uniform(tensors, glow);
  return glow;
}

}  // namespace glow::foreign
