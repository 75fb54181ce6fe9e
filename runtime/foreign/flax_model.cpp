// ActNorm is sigma (x + mean), with sigma of any sign: log_scale = log |sigma|, and W diag(sign) is P L times
// U with columns turned, so that no other number changes.
#include "foreign/flax_model.hpp"

#include <algorithm>
#include <cmath>

#include "foreign/reference_constants.hpp"
#include "foreign/step_parts.hpp"

namespace glow::foreign {

namespace {

class FlaxReader {
 public:
  explicit FlaxReader(Tensors& tensors) : tensors_(tensors) {}

  FlaxModel read() {
    FlaxModel model{{}, 0, {}};
    Architecture& a = model.architecture;
    const std::string first = step_name(1, 1);
    const auto& shape = tensors_.shape(std::string(flax_signature));
    Index c = shape.empty() ? 0 : shape.back();
    tensors_.check(c > 0 && c % 4 == 0, "its first ActNorm has ", c,
                   " channels, which are not 4 for each of an image");
    model.channels = c / 4;
    a.width = extent(tensors_, first + "AffineCoupling_0|ACL_conv_1|kernel", 3, 4);
    for (a.depth = 1; tensors_.has_any(step_name(1, a.depth + 1));) ++a.depth;
    for (a.levels = 1; tensors_.has_any(step_name(a.levels + 1, 1));) ++a.levels;
    a.learn_top_prior = tensors_.has_any("prior_top|");
    for (int l = 1; l <= a.levels; ++l, c *= 2) {
      const LuFactors constants = reference_constants(c);
      for (int k = 1; k <= a.depth; ++k) read_step(l, k, c, a.width, constants);
      if (l == a.levels) break;
      read_convolution("flow_scale_" + std::to_string(l) + "/|conv_prior|Conv_0|",
                       "level" + std::to_string(l) + "/split/prior", {3, 3, c / 2, c});
    }
    if (a.learn_top_prior) read_convolution("prior_top|Conv_0|", "top/prior", {3, 3, c, 2 * c});
    model.numbers = std::move(numbers_);
    return model;
  }

 private:
  static std::string step_name(int l, int k) {
    return "flow_scale_" + std::to_string(l) + "//step_" + std::to_string(k) + "|";
  }

  void read_convolution(const std::string& theirs, const std::string& ours,
                        const std::vector<Index>& kernel) {
    numbers_[ours + "/kernel"] = tensors_.take(theirs + "kernel", kernel);
    numbers_[ours + "/bias"] = tensors_.take(theirs + "bias", {kernel.back()});
  }

  void read_step(int l, int k, Index c, Index width, const LuFactors& constants) {
    const std::string step = step_name(l, k),
                      ours = "level" + std::to_string(l) + "/step" + std::to_string(k);
    const auto n = static_cast<std::size_t>(c);
    numbers_[ours + "/actnorm/bias"] = tensors_.take(step + "ActNorm_0|actnorm_mean", {c});
    std::vector<double> scale = tensors_.take(step + "ActNorm_0|actnorm_sigma", {c});
    std::vector<double> upper = tensors_.take(step + "Conv1x1_0|U", {c, c}), signs = constants.sign_s;
    for (std::size_t i = 0; i < n; ++i) {
      tensors_.check(scale[i] != 0, "'", step,
                     "ActNorm_0|actnorm_sigma' has a 0: there is no way back through it");
      if (scale[i] < 0) {
        signs[i] = -signs[i];
        for (std::size_t row = 0; row < i; ++row) upper[row * n + i] = -upper[row * n + i];
      }
      scale[i] = std::log(std::abs(scale[i]));
    }
    numbers_[ours + "/actnorm/log_scale"] = std::move(scale);
    numbers_[ours + "/conv1x1/lower"] = tensors_.take(step + "Conv1x1_0|L", {c, c});
    numbers_[ours + "/conv1x1/upper"] = std::move(upper);
    numbers_[ours + "/conv1x1/log_s"] = tensors_.take(step + "Conv1x1_0|log_s", {c});
    numbers_[ours + "/conv1x1/permutation"] = constants.permutation();
    numbers_[ours + "/conv1x1/sign_s"] = std::move(signs);
    const std::string net = step + "AffineCoupling_0|ACL_conv_";
    read_convolution(net + "1|", ours + "/coupling/conv1", {3, 3, c / 2, width});
    read_convolution(net + "2|", ours + "/coupling/conv2", {1, 1, width, width});
    read_convolution(net + "out|Conv_0|", ours + "/coupling/conv3", {3, 3, width, c});
  }

  Tensors& tensors_;
  NamedNumbers numbers_;
};

}  // namespace

std::optional<std::string> find_flax_model(const File& file) {
  for (const Array& a : file.arrays) {
    const std::size_t before = a.name.size() - std::min(a.name.size(), flax_signature.size());
    if (a.name.ends_with(flax_signature) && (before == 0 || a.name[before - 1] == '|'))
      return a.name.substr(0, before);
  }
  return std::nullopt;
}

FlaxModel read_flax_model(Tensors& tensors) {
  FlaxModel model = FlaxReader(tensors).read();
  tensors.finish("the reference Glow in JAX");
  return model;
}

}  // namespace glow::foreign
