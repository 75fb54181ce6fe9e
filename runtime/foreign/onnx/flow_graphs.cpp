#include "foreign/onnx/flow_graphs.hpp"

#include <cmath>
#include <numbers>

#include "foreign/onnx/coupling.hpp"

namespace glow::foreign::onnx {

namespace {

// [mu | log sigma] of a latent of some extents; none for N(0, 1).
struct Prior {
  Value mu, log_sigma;
};

// What both directions share: the model's parts as nodes.
class Parts {
 public:
  Parts(const SavedModel& model, const char* name)
      : g(name), model_(model), a_(*model.description.architecture), weights_(model) {
    const Shape& s = model.description.sample;
    Extents e{s[2], s[0], s[1]};
    for (int l = 1; l <= a_.levels; ++l) {
      inputs_.push_back(e);
      outputs_.push_back(e.squeezed());
      e = {e.squeezed().channels - (l < a_.levels ? latent(l).channels : 0), e.height / 2, e.width / 2};
    }
  }

  Graph g;

  int levels() const { return a_.levels; }
  int depth() const { return a_.depth; }
  // Of level l's input, of its output, and of its latent.
  Extents input(int l) const { return inputs_.at(static_cast<std::size_t>(l - 1)); }
  Extents output(int l) const { return outputs_.at(static_cast<std::size_t>(l - 1)); }
  Extents latent(int l) const {
    const Extents e = output(l);
    return {l < a_.levels ? e.channels / 2 : e.channels, e.height, e.width};
  }

  // The input that the model is conditional on, after the others.
  void take_context() {
    if (a_.classes > 0) {
      const Value labels = g.input("labels", Element::int64, {batch});
      const auto rows = weights_.at("classes/embedding", {a_.classes, a_.embedding});
      const Value embedding =
          g.floats("classes/embedding", {a_.classes, a_.embedding}, {rows.begin(), rows.end()});
      context_ =
          reshape(g, g.node("Gather", {embedding, labels}, {{"axis", 0, {}}}), {batch, a_.embedding, 1, 1});
    } else if (a_.context.rank() == 1) {
      context_ = reshape(g, g.input("context", Element::float32, {batch, a_.context[0]}),
                         {batch, a_.context[0], 1, 1});
    }
  }

  // Begins with level l, at whose pixels `x` is a value of so many channels.
  void begin_level(int l, const Value& x, Index channels) {
    const Extents e = output(l);
    g.within(join("level", l));
    for_priors_.clear();
    for_couplings_.clear();
    if (!context_.empty()) {
      for_priors_ = {g.node("Expand", {context_, g.integers({1, 1, e.height, e.width})})};
      if (a_.conditional == Conditional::all) for_couplings_ = for_priors_;
    }
    if (!a_.network.edges && !a_.prior_edges) return;
    const Value ones = convolve(g, x, "ones", {1, channels, 1, zeros(channels), {1}});
    if (a_.network.edges) for_couplings_.push_back(ones);
    if (a_.prior_edges) for_priors_.push_back(ones);
  }

  Mixing mixing(int l, int k) const {
    return {weights_, step(l, k) + "/", a_.permutation, output(l).channels};
  }

  CouplingNodes coupling(int l, int k) {
    return {g,
            weights_,
            a_,
            model_.description.condition,
            step(l, k) + "/coupling",
            output(l),
            a_.conditional == Conditional::all ? context_channels() : 0,
            for_couplings_};
  }

  void within_step(int l, int k) { g.within(step(l, k)); }

  // Of latent l < levels given the rest of the level's output, or of the last one.
  std::optional<Prior> prior(int l, const Value& rest) {
    const Index c = latent(l).channels;
    const bool last = l == a_.levels;
    const std::string scope = last ? "top" : join("level", l, "/split");
    g.within(scope);
    if (last && !learns_top()) return std::nullopt;
    if (last && for_priors_.empty()) {
      const auto bias = weights_.at("top/prior/bias", {2 * c});
      return Prior{g.floats("mu", {1, c, 1, 1}, {bias.begin(), bias.begin() + c}),
                   g.floats("log_sigma", {1, c, 1, 1}, {bias.begin() + c, bias.end()})};
    }
    std::vector<Value> read;
    if (!last) read.push_back(rest);
    read.insert(read.end(), for_priors_.begin(), for_priors_.end());
    const Index channels = context_channels() + a_.prior_edges + (last ? 0 : output(l).channels - c);
    const auto w = weights_.convolution(scope + "/prior", channels, 2 * c, 3);
    const auto parts = split_channels(g, convolve(g, join_channels(g, read), "prior", w), {c, c});
    return Prior{parts[0], parts[1]};
  }

  // The constants that standardize continuous data, as [1, C, 1, 1]; scale is exp(sign log_scale).
  struct Standardization {
    Value bias, scale;
    double log_det;  // of a pixel
  };
  std::optional<Standardization> standardization(double sign) {
    if (!model_.description.domain.is_continuous()) return std::nullopt;
    const Index c = output(1).channels;
    const auto bias = weights_.at("domain/bias", {c}), log_scale = weights_.at("domain/log_scale", {c});
    std::vector<float> scale;
    double log_det = 0;
    for (const float s : log_scale)
      scale.push_back(static_cast<float>(std::exp(sign * double{s}))), log_det += s;
    return Standardization{g.floats("domain/bias", {1, c, 1, 1}, {bias.begin(), bias.end()}),
                           g.floats("domain/scale", {1, c, 1, 1}, scale), log_det};
  }

  std::string file() const { return g.file(metadata_of(model_.description)); }

 private:
  static std::vector<float> zeros(Index n) { return std::vector<float>(static_cast<std::size_t>(n)); }
  static std::string step(int l, int k) { return join("level", l, "/step", k); }
  bool learns_top() const { return a_.learn_top_prior || layer_context(a_).rank() > 0; }
  Index context_channels() const { return layer_context(a_).rank() > 0 ? layer_context(a_)[0] : 0; }

  const SavedModel& model_;
  const Architecture& a_;
  Weights weights_;
  std::vector<Extents> inputs_, outputs_;
  Value context_;                                  // [N, E, 1, 1]; "" for none
  std::vector<Value> for_priors_, for_couplings_;  // what these read besides x: context, and channels of ones
};

Index pixels(const Extents& e) { return e.height * e.width; }

// Throws ShapeError unless there are graphs for such a model.
void check(const ModelDescription& d) {
  const auto refuse = [](bool is_so, const auto&... what) {
    require<ShapeError>(!is_so, "onnx: ", what..., "; export it as npz, flax or torch");
  };
  refuse(!d.architecture, "a net that was made of its parts, not from an Architecture, has no graph");
  refuse(d.sample.rank() != 3, "samples ", d.sample,
         " are no images [H, W, C], and models of vectors have no graph");
  refuse(d.architecture->context.rank() > 1, "a context that is an image ", d.architecture->context,
         " has no graph");
  refuse(!d.coupling.empty() && !is_coupling_map(d.coupling), "couplings by '", d.coupling,
         "' have no graph");
  require_graph(d.architecture->coupling);
}

}  // namespace

std::string log_p_graph(const SavedModel& model) {
  check(model.description);
  Parts parts(model, "log_p");
  Graph& g = parts.g;
  Value x = from_nhwc(g, g.input("x", Element::float32, parts.input(1).nhwc()));
  parts.take_context();
  double constant = 0;  // of log p(x)
  std::vector<Value> sums;
  for (int l = 1; l <= parts.levels(); ++l) {
    const Extents e = parts.output(l), latent = parts.latent(l);
    x = squeeze(g, x, parts.input(l));
    if (l == 1) {
      if (const auto s = parts.standardization(1)) {
        x = multiply(g, add(g, x, s->bias), s->scale);
        constant += static_cast<double>(pixels(e)) * s->log_det;
      }
    }
    parts.begin_level(l, x, e.channels);
    for (int k = 1; k <= parts.depth(); ++k) {
      parts.within_step(l, k);
      const Mixing mixing = parts.mixing(l, k);
      constant += static_cast<double>(pixels(e)) * mixing.log_det;
      const Mapped y = parts.coupling(l, k).forward(convolve(g, x, "mixing", mixing.forward));
      if (y.log_scale) sums.push_back(*y.log_scale);
      x = y.x;
    }
    Value z = x, eps = x;
    if (l < parts.levels()) {
      const auto halves = split_channels(g, x, {latent.channels, e.channels - latent.channels});
      z = eps = halves[0], x = halves[1];
    }
    constant -= static_cast<double>(latent.channels * pixels(latent)) * std::log(2 * std::numbers::pi) / 2;
    Value minus_log_p;  // of each number, without the constant
    if (const auto prior = parts.prior(l, x)) {
      eps = multiply(g, subtract(g, z, prior->mu), exp(g, negate(g, prior->log_sigma)));
      minus_log_p = prior->log_sigma;
    }
    const Value half_square = multiply(g, multiply(g, eps, eps), g.scalar(0.5F));
    const Value terms = minus_log_p.empty() ? half_square : add(g, half_square, minus_log_p);
    sums.push_back(negate(g, sum_per_sample(g, terms)));
    g.within("");
    g.output(to_nhwc(g, z, join("z", l)), latent.nhwc());
    g.output(to_nhwc(g, eps, join("eps", l)), latent.nhwc());
  }
  Value sum = sums.front();
  for (std::size_t i = 1; i < sums.size(); ++i) sum = add(g, sum, sums[i]);
  g.output(g.node("Add", {sum, g.scalar(static_cast<float>(constant))}, {}, "log_p"), {batch});
  return parts.file();
}

std::string sample_graph(const SavedModel& model) {
  check(model.description);
  Parts parts(model, "sample");
  Graph& g = parts.g;
  std::vector<Value> eps;
  for (int l = 1; l <= parts.levels(); ++l) {
    const std::string name = join("eps", l);
    eps.push_back(g.input(name, Element::float32, parts.latent(l).nhwc()));
  }
  const Value temperature = g.input("temperature", Element::float32, {});
  parts.take_context();
  Value x;  // the output of level l, but for the latent
  for (int l = parts.levels(); l >= 1; --l) {
    g.within(join("level", l));
    const Value scaled = multiply(g, from_nhwc(g, eps[static_cast<std::size_t>(l - 1)]), temperature);
    parts.begin_level(l, scaled, parts.latent(l).channels);
    Value z = scaled;
    if (const auto prior = parts.prior(l, x)) z = add(g, multiply(g, z, exp(g, prior->log_sigma)), prior->mu);
    x = l < parts.levels() ? join_channels(g, {z, x}) : z;
    for (int k = parts.depth(); k >= 1; --k) {
      parts.within_step(l, k);
      x = convolve(g, parts.coupling(l, k).inverse(x), "mixing", parts.mixing(l, k).inverse);
    }
    if (l == 1) {
      g.within("");
      if (const auto s = parts.standardization(-1)) x = subtract(g, multiply(g, x, s->scale), s->bias);
    }
    x = unsqueeze(g, x, parts.input(l));
  }
  g.within("");
  g.output(to_nhwc(g, x, "x"), parts.input(1).nhwc());
  return parts.file();
}

}  // namespace glow::foreign::onnx
