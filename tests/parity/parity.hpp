// Holds the model against golden numbers of the reference Glow, in double, on one device.
#pragma once

#include <cmath>
#include <iomanip>
#include <iostream>

#include <nlohmann/json.hpp>

#include <glow/glow.hpp>

#include "layers/own_layers.hpp"

namespace glow::parity {

// The reference trains ActNorm's scale as it is, so a user's layer takes the place of our own.
using Step = Flow<test::PlainActNorm, Conv1x1, Coupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using Net = MultiScale<Level>;

struct Config {
  Index height, width, channels, batch;
  double log2_bins;
  Architecture architecture;
};

inline Config read_config(const SafetensorsFile& file) {
  const auto json = nlohmann::json::parse(file.metadata("config"));
  return {json.at("H"),
          json.at("W"),
          json.at("C"),
          json.at("batch"),
          std::log2(json.at("n_bins").get<double>()),
          {.levels = json.at("L"),
           .depth = json.at("K"),
           .width = json.at("width"),
           .learn_top_prior = json.at("learn_top_prior")}};
}

// The reference's path of our parameter "level1/step2/coupling/conv1/bias", ...
inline std::string reference_path(const std::string& name) {
  static const std::pair<std::string, std::string> tails[] = {
      {"/plain_actnorm/mean", "|ActNorm_0|actnorm_mean"},
      {"/plain_actnorm/sigma", "|ActNorm_0|actnorm_sigma"},
      {"/conv1x1/lower", "|Conv1x1_0|L"},
      {"/conv1x1/upper", "|Conv1x1_0|U"},
      {"/conv1x1/log_s", "|Conv1x1_0|log_s"},
      {"/coupling/conv1/", "|AffineCoupling_0|ACL_conv_1|"},
      {"/coupling/conv2/", "|AffineCoupling_0|ACL_conv_2|"},
      {"/coupling/conv3/", "|AffineCoupling_0|ACL_conv_out|Conv_0|"},
      {"/split/prior/", "/|conv_prior|Conv_0|"},
      {"top/prior/", "prior_top|Conv_0|"},
  };
  for (const auto& [ours, theirs] : tails) {
    const auto at = name.find(ours);
    if (at == std::string::npos) continue;
    std::string place = name.substr(0, at);  // "level1", "level1/step2" or ""
    if (place.rfind("level", 0) == 0) place.replace(0, 5, "flow_scale_");
    if (const auto slash = place.find("/step"); slash != std::string::npos)
      place.replace(slash, 5, "//step_");
    return "params|" + place + theirs + name.substr(at + ours.size());
  }
  throw Error("no reference path for " + name);
}

class Comparison {
 public:
  explicit Comparison(const SafetensorsFile& file) : file_(file) {}

  // Errors are relative to the quantity's largest number.
  template <class D>
  void check(const std::string& name, View<const double, D> there, double bound) {
    Tensor<double> ours(there.shape());
    transfer(there, ours.view());
    const Tensor<double> theirs = file_.read<double>(name);
    double largest = 0, worst = 0;
    for (const double t : theirs) largest = std::max(largest, std::abs(t));
    bool sound = theirs.size() == ours.size();
    for (Index i = 0; sound && i < ours.size(); ++i) {
      const double scale = largest > 0 ? largest : 1;
      const double error = std::abs(ours[i] - theirs[i]) / scale;
      sound = std::isfinite(error);
      worst = std::max(worst, error);
    }
    const bool good = sound && worst <= bound;
    all_good_ = all_good_ && good;
    std::cout << (good ? "ok    " : "WRONG ") << std::left << std::setw(76) << name << ' '
              << (sound ? "" : "size or NaN ") << std::scientific << std::setprecision(2) << worst
              << " of at most " << bound << '\n';
  }

  bool all_good() const { return all_good_; }

 private:
  const SafetensorsFile& file_;
  bool all_good_ = true;
};

/// Values, constants included, as the file gives them; sizes must match, shapes may differ by ones.
template <class D>
void load(const SafetensorsFile& file, Model<Net, double, D>& model) {
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::derived) continue;
    const bool is_permutation = e.name.ends_with("permutation");
    const std::string key = is_trainable(e.role) ? "param." + reference_path(e.name)
                                                 : (is_permutation ? "const.P." : "const.sign_s.") +
                                                       std::to_string(e.value.shape()[0]);
    const Tensor<double> value = file.read<double>(key);
    require<CheckpointError>(value.size() == e.value.size(), key, " has shape ", value.shape(), ", but ",
                             e.value.shape(), " is needed");
    transfer(value.as(e.value.shape()), e.value);
  }
  model.changed();
}

/// Tensor `name` of the file, on the device and in the shape of `out`.
template <class D>
void load(const SafetensorsFile& file, const std::string& name, View<double, D> out) {
  Tensor<double> value(out.shape());
  file.read_into(name, value.view());
  transfer(View<const double>(value), out);
}

/// Checks every quantity of the file and prints a line for each with its largest relative error; true if all
/// are within their bounds. Throws CheckpointError if one is missing.
template <class D>
bool compare(const SafetensorsFile& file) {
  // The reference adds 1e-8 in its inverses.
  constexpr double bound = 1e-8, bound_of_inverse = 1e-6;
  const Config config = read_config(file);
  Model<Net, double, D> model(config.architecture, {config.height, config.width, config.channels});
  load(file, model);
  Tensor<double, D> x(model.batch_shape(config.batch));
  load(file, "x", x.view());
  Comparison comparison(file);

  Encoding<double, D> e{x, Tensor<double, D>(Shape{config.batch}), Tensor<double, D>(Shape{config.batch})};
  model.forward(e.latents.view(), e.logdet.view(), e.logpz.view(),
                [&](int l, View<double, D> z, View<double, D> prior) {
                  comparison.check<D>("z." + std::to_string(l), z, bound);
                  if (!prior.empty()) comparison.check<D>("prior." + std::to_string(l), prior, bound);
                });
  comparison.check<D>("logdet", e.logdet.view(), bound);
  comparison.check<D>("logpz", e.logpz.view(), bound);

  const Tensor<double, D> back = model.decode(e.latents.view());
  comparison.check<D>("inverse_of_z", back.view(), bound_of_inverse);
  Tensor<double, D> sample(x.shape());
  for (int l = 1; l <= config.architecture.levels; ++l) {
    load(file, "eps." + std::to_string(l), model.latent(l, sample.view()));
  }
  model.sample_from(sample.view(), 0.7);
  comparison.check<D>("sample_at_0.7", sample.view(), bound_of_inverse);

  // Bins are only a constant of the loss, so that files may have other numbers of them than a trainer.
  Trainer<Net, double, D> trainer(model, {});
  Adam<double, D> adam(model.parameters().values().size());
  Tensor<double> losses(Shape{5});
  for (Index step = 0; step < 5; ++step) {
    Tensor<double, D> dx = x;
    losses[step] = trainer.loss_gradient(dx.view()) - 8 + config.log2_bins;
    if (step == 0) {
      comparison.check<Cpu>("bits_per_dim", View<const double>(&losses[0], {1}), bound);
      comparison.check<D>("grad.x", dx.view(), bound);
      for (const auto& p : model.parameters().entries()) {
        if (is_trainable(p.role)) comparison.check<D>("grad." + reference_path(p.name), p.gradient, bound);
      }
    }
    adam.step(model.parameters().values(), model.parameters().gradient(), 1e-3);
    model.changed();
  }
  comparison.check<Cpu>("adam.bits_per_dim", losses.view(), bound);
  for (const auto& p : model.parameters().entries()) {
    if (is_trainable(p.role)) comparison.check<D>("adam." + reference_path(p.name), p.value, bound);
  }
  return comparison.all_good();
}

/// compare<Cuda>, or, in a program without CUDA, an Error that says so.
bool compare_on_cuda(const SafetensorsFile& file);

}  // namespace glow::parity
