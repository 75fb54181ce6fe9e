// Our order of channels. A level's input has its pixels squeezed: ours are dy, dx, c, theirs c, dy, dx. Its
// 1x1 convolutions give the halves exchanged, so that ours reads the second where theirs reads the first.
#include <cmath>

#include "foreign/glow_parts.hpp"
#include "foreign/named_numbers.hpp"

namespace glow::foreign {

namespace {

using Order = std::vector<Index>;  // of each of our channels, theirs

Order squeezed_order(Index channels) {
  Order order;
  for (Index q = 0; q < 4; ++q) {
    for (Index c = 0; c < channels / 4; ++c) order.push_back(4 * c + q);
  }
  return order;
}

Order swapped_order(Index channels) {
  Order order;
  for (Index u = 0; u < channels; ++u) order.push_back((u + channels / 2) % channels);
  return order;
}

std::vector<double> reordered(const std::vector<double>& numbers, const Order& order) {
  std::vector<double> out;
  for (const Index t : order) out.push_back(numbers[static_cast<std::size_t>(t)]);
  return out;
}

// W diag(sign), with rows and columns in our order.
Matrix reordered(const ForeignStep& step, const Order& rows, const Order& columns) {
  Matrix out;
  for (const Index i : rows) {
    for (const Index j : columns)
      out.push_back(step.weight[static_cast<std::size_t>(i) * columns.size() + static_cast<std::size_t>(j)] *
                    step.sign[static_cast<std::size_t>(j)]);
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const std::string& file) : file_(file) {}

  void add_convolution(const std::string& name, const Convolution& conv) {
    numbers_[name + "/kernel"] = conv.kernel;
    numbers_[name + "/bias"] = conv.bias;
  }

  void add_step(const std::string& name, const ForeignStep& step, const Order& in, const Order& out) {
    numbers_[name + "/actnorm/bias"] = reordered(step.bias, in);
    numbers_[name + "/actnorm/log_scale"] = reordered(step.log_scale, in);
    const auto factors = lu_factors(reordered(step, out, in), static_cast<Index>(in.size()));
    require<CheckpointError>(factors.has_value(), "'", file_, "': the 1x1 convolution '", step.weight_name,
                             "' is singular: there is no way back through it");
    numbers_[name + "/conv1x1/lower"] = factors->lower;
    numbers_[name + "/conv1x1/upper"] = factors->upper;
    numbers_[name + "/conv1x1/log_s"] = factors->log_s;
    numbers_[name + "/conv1x1/permutation"] = factors->permutation();
    numbers_[name + "/conv1x1/sign_s"] = factors->sign_s;
    add_convolution(name + "/coupling/conv1", step.conv1);
    add_convolution(name + "/coupling/conv2", step.conv2);
    add_convolution(name + "/coupling/conv3", step.conv3);
  }

  // The prior of the last latent, whose channels are exchanged.
  void add_top(const Convolution& top, bool edges) {
    Order order = swapped_order(top.outputs / 2);
    for (const Index o : Order(order)) order.push_back(o + top.outputs / 2);
    numbers_["top/prior/bias"] = reordered(top.bias, order);
    if (!edges) return;  // without edges its kernel never sees a number
    // Of all inputs, which are 0 within the image, the edge channel alone counts.
    std::vector<double>& kernel = numbers_["top/prior/kernel"];
    for (Index t = 0; t < top.taps; ++t) {
      for (const Index o : order)
        kernel.push_back(
            top.kernel[static_cast<std::size_t>((t * top.inputs + top.inputs - 1) * top.outputs + o)]);
    }
  }

  const NamedNumbers& numbers() const { return numbers_; }

 private:
  const std::string& file_;
  NamedNumbers numbers_;
};

}  // namespace

SavedModel saved_model_of(const std::string& file, const ForeignGlow& glow, Index height, Index width,
                          int bits, const PixelScale& pixels) {
  ModelDescription description{.architecture = Architecture{.levels = static_cast<int>(glow.levels.size()),
                                                            .depth = static_cast<int>(glow.levels[0].size()),
                                                            .width = glow.levels[0][0].conv1.outputs,
                                                            .learn_top_prior = glow.top.has_value(),
                                                            .coupling = glow.coupling,
                                                            .network = {.edges = glow.edges},
                                                            .prior_edges = glow.prior_edges},
                               .sample = {height, width, glow.channels},
                               .domain = Pixels{bits}};
  Writer writer(file);
  Index channels = glow.channels;
  for (std::size_t l = 0; l < glow.levels.size(); ++l, channels /= 2) {
    const std::string level = "level" + std::to_string(l + 1);
    channels *= 4;
    const Order squeezed = squeezed_order(channels), swapped = swapped_order(channels);
    for (std::size_t k = 0; k < glow.levels[l].size(); ++k) {
      ForeignStep step = glow.levels[l][k];
      if (l == 0 && k == 0) {  // (scale (x' + shift) + b) e^s = (x' + shift + b / scale) scale e^s
        for (double& b : step.bias) b = pixels.shift + b / pixels.scale;
        for (double& s : step.log_scale) s += std::log(pixels.scale);
      }
      writer.add_step(level + "/step" + std::to_string(k + 1), step, k == 0 ? squeezed : swapped, swapped);
    }
    if (l < glow.priors.size()) writer.add_convolution(level + "/split/prior", glow.priors[l]);
  }
  if (glow.top) writer.add_top(*glow.top, glow.prior_edges);
  return saved_model_of(file, description, writer.numbers());
}

}  // namespace glow::foreign
