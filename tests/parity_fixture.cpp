// parity_fixture FILE.safetensors: holds the model against golden numbers of the reference Glow, in double.
// Prints a line a quantity with its largest relative error; exits 0 only if every one is within its bound, 1
// if not, 2 if the file cannot be used (unreadable, or a quantity is missing).
#include <cmath>
#include <iomanip>
#include <iostream>

#include <nlohmann/json.hpp>

#include <glow/glow.hpp>

namespace {

using glow::Index;
using glow::Shape;
using glow::Tensor;
using glow::View;

// The reference's ActNorm: y = sigma (x + mean) with sigma itself trained. Its backward is the tape's.
struct SigmaActNorm {
  static constexpr std::string_view name = "actnorm";

  template <class Leaf>
  struct Params {
    Leaf mean, sigma;
    template <class F>
    void visit(F&& f) {
      f("mean", mean);
      f("sigma", sigma);
    }
  };

  Params<Shape> declare(const Shape& x) const { return {{x.back()}, {x.back()}}; }

  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    logdet += sum(log(abs(p.sigma))) * (x.height() * x.width());
    return (x + p.mean) * p.sigma;
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    logdet -= sum(log(abs(p.sigma))) * (y.height() * y.width());
    return y / p.sigma - p.mean;
  }
};

using Step = glow::Flow<SigmaActNorm, glow::Conv1x1, glow::Coupling>;
using Level = glow::Flow<glow::Squeeze, glow::Repeat<Step>>;
using Net = glow::MultiScale<Level>;
using Model = glow::Model<Net, double>;

struct Config {
  Index height, width, channels, batch;
  int bins;
  glow::Architecture architecture;
};

Config read_config(const glow::SafetensorsFile& file) {
  const auto json = nlohmann::json::parse(file.metadata("config"));
  return {json.at("H"),
          json.at("W"),
          json.at("C"),
          json.at("batch"),
          json.at("n_bins"),
          {.levels = json.at("L"),
           .depth = json.at("K"),
           .width = json.at("width"),
           .learn_top_prior = json.at("learn_top_prior")}};
}

// The reference's path of our parameter "level1/step2/coupling/conv1/bias", ...
std::string reference_path(const std::string& name) {
  static const std::pair<std::string, std::string> tails[] = {
      {"/actnorm/mean", "|ActNorm_0|actnorm_mean"},
      {"/actnorm/sigma", "|ActNorm_0|actnorm_sigma"},
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
  throw glow::Error("no reference path for " + name);
}

class Comparison {
 public:
  explicit Comparison(const glow::SafetensorsFile& file) : file_(file) {}

  // Errors are relative to the quantity's largest number.
  void check(const std::string& name, View<const double> ours, double bound) {
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
    std::cout << (good ? "ok    " : "WRONG ") << std::left << std::setw(76) << name
              << (sound ? "" : " size or NaN") << std::scientific << std::setprecision(2) << worst << '\n';
  }

  bool all_good() const { return all_good_; }

 private:
  const glow::SafetensorsFile& file_;
  bool all_good_ = true;
};

// Values, constants included, as the file gives them; sizes must match, shapes may differ by ones.
void load(const glow::SafetensorsFile& file, Model& model) {
  for (const auto& e : model.parameters().entries()) {
    if (e.role == glow::Role::derived) continue;
    const bool is_permutation = e.name.ends_with("permutation");
    const std::string key =
        e.role == glow::Role::trainable
            ? "param." + reference_path(e.name)
            : (is_permutation ? "const.P." : "const.sign_s.") + std::to_string(e.value.shape()[0]);
    const Tensor<double> value = file.read<double>(key);
    glow::require<glow::CheckpointError>(value.size() == e.value.size(), key, " has shape ", value.shape(),
                                         ", but ", e.value.shape(), " is needed");
    std::copy(value.begin(), value.end(), e.value.begin());
  }
  model.changed();
}

// Mean bits per dimension of x; the model's gradient and dx become those of that mean.
double loss_gradient(Model& model, const Tensor<double>& x, int bins, Tensor<double>& dx) {
  auto e = model.encode(x.view());
  const Index n = x.batch();
  double loss = 0;
  Tensor<double> dlog(Shape{n});
  for (Index i = 0; i < n; ++i) {
    loss += glow::bits_per_dim(e.logpz[i], e.logdet[i], model.dimensions(), bins) / static_cast<double>(n);
    dlog[i] = -1 / (static_cast<double>(n * model.dimensions()) * std::numbers::ln2);
  }
  clear(model.parameters().gradient());
  dx = Tensor<double>(x.shape());
  model.backward(e.latents.view(), dx.view(), dlog.view(), dlog.view());
  return loss;
}

bool compare(const glow::SafetensorsFile& file) {
  // The reference adds 1e-8 in its inverses.
  constexpr double bound = 1e-8, bound_of_inverse = 1e-6;
  const Config config = read_config(file);
  Model model(config.architecture, {config.height, config.width, config.channels});
  load(file, model);
  Tensor<double> x(model.batch_shape(config.batch));
  file.read_into("x", x.view());
  Comparison comparison(file);

  glow::Encoding<double> e{x, Tensor<double>(Shape{config.batch}), Tensor<double>(Shape{config.batch})};
  model.forward(e.latents.view(), e.logdet.view(), e.logpz.view(),
                [&](int l, View<double> z, View<double> prior) {
                  comparison.check("z." + std::to_string(l), z, bound);
                  if (!prior.empty()) comparison.check("prior." + std::to_string(l), prior, bound);
                });
  comparison.check("logdet", e.logdet.view(), bound);
  comparison.check("logpz", e.logpz.view(), bound);

  comparison.check("inverse_of_z", model.decode(e.latents.view()).view(), bound_of_inverse);
  Tensor<double> sample(x.shape());
  for (int l = 1; l <= config.architecture.levels; ++l) {
    file.read_into("eps." + std::to_string(l), model.latent(l, sample.view()));
  }
  model.sample_from(sample.view(), 0.7);
  comparison.check("sample_at_0.7", sample.view(), bound_of_inverse);

  Tensor<double> dx, losses(Shape{5});
  glow::Adam<double> adam(model.parameters().values().size());
  for (Index step = 0; step < 5; ++step) {
    losses[step] = loss_gradient(model, x, config.bins, dx);
    if (step == 0) {
      comparison.check("bits_per_dim", View<const double>(&losses[0], {1}), bound);
      comparison.check("grad.x", dx.view(), bound);
      for (const auto& p : model.parameters().entries()) {
        if (p.role == glow::Role::trainable)
          comparison.check("grad." + reference_path(p.name), p.gradient, bound);
      }
    }
    adam.step(model.parameters().values(), model.parameters().gradient(), 1e-3);
    model.changed();
  }
  comparison.check("adam.bits_per_dim", losses.view(), bound);
  for (const auto& p : model.parameters().entries()) {
    if (p.role == glow::Role::trainable) comparison.check("adam." + reference_path(p.name), p.value, bound);
  }
  return comparison.all_good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: parity_fixture FILE.safetensors\n";
    return 2;
  }
  try {
    const bool good = compare(glow::SafetensorsFile::open(argv[1]));
    std::cout << (good ? "all quantities agree\n" : "some quantities do not agree\n");
    return good ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "parity_fixture: " << e.what() << '\n';
    return 2;
  }
}
