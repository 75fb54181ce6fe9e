#include "run/double_laws.hpp"

#include <cmath>
#include <cstdio>
#include <numeric>

#include <glow/ops/cpu/condition_number.hpp>
#include <glow/ops/cpu/matrices.hpp>
#include <glow/runtime/nets.hpp>

#include "run/differences.hpp"

namespace glow::app {

namespace {

using DoubleModel = Model<ImageNet, double>;

// A larger Jacobian would take minutes.
constexpr Index most_numbers = 1024;
constexpr Index most_crops = 2;

Architecture in_full(Architecture a) {
  a.precision = Precision::full;
  return a;
}

// Sets the parameters of a model for another size of images: all whose shape does not depend on that.
void set_parameters(DoubleModel& model, const TrainingState& state) {
  std::size_t i = 0;
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::derived) continue;
    const Tensor<float>& from = state.tensors.at(i++).value;
    if (e.name == "classes/head/weight") continue;
    require<ShapeError>(from.shape() == e.value.shape(), "check: tensor '", e.name, "' ", from.shape(),
                        " must be ", e.value.shape(), " for a crop of the image");
    std::copy(from.begin(), from.end(), e.value.begin());
  }
  model.changed();
}

// A crop [h, w, C] from the middle of the first images x [N, H, W, C], with noise within the bins.
Tensor<double> crops_of(View<const float> x, const Shape& crop, double bin, std::uint64_t seed) {
  const Index n = std::min(x.batch(), most_crops), c = x.channels();
  const Index top = (x.height() - crop[0]) / 2, left = (x.width() - crop[1]) / 2;
  Tensor<double> noise(crop.samples(n)), crops(crop.samples(n));
  fill_uniform(noise.view(), Random{seed, 7});
  Index at = 0;
  for (Index i = 0; i < n; ++i) {
    for (Index row = top; row < top + crop[0]; ++row) {
      const float* from = x.data() + ((i * x.height() + row) * x.width() + left) * c;
      for (Index k = 0; k < crop[1] * c; ++k, ++at)
        crops[at] = static_cast<double>(from[k]) + bin * (noise[at] - 0.5);
    }
  }
  return crops;
}

// The model, crops of images and their labels.
class InDouble {
 public:
  InDouble(const Checkpoint& run, View<const float> x, std::span<const Index> labels, std::uint64_t seed)
      : seed_(seed),
        crop_(crop_of(run.image, run.config.levels)),
        model_(in_full(*run.description.architecture), crop_, Pixels{run.config.bits}, std::nullopt),
        x_(crops_of(x, crop_, std::exp2(-run.config.bits), seed)) {
    set_parameters(model_, run.state);
    if (!labels.empty()) labels_ = model_.labels(labels.first(static_cast<std::size_t>(x_.batch())));
  }

  Law logdet() {
    Law law{"log-determinant", std::nullopt, 1e-5, ""};
    const Index d = crop_.size();
    if (d > most_numbers) {
      law.detail = join("images that ", model_.net().levels(), " levels can take, of ", crop_, ", have ", d,
                        " numbers, more than the ", most_numbers, " that a dense Jacobian may have");
      return law;
    }
    for (Index n = 0; n < x_.batch(); ++n) {
      const auto e = model_.encode(View<const double>(x_).samples(n, 1), context(n));
      const double dense = dense_logdet(n), off = std::abs(dense - e.logdet[0]);
      law.take(off / std::max(1.0, std::abs(dense)));
    }
    law.detail = join("relative to that of a dense Jacobian, on ", x_.batch(), " crops of ", crop_);
    return law;
  }

  Law gradients() {
    Law law{"gradients", std::nullopt, 1e-4, ""};
    clear(model_.parameters().gradient());
    auto e = model_.encode(x_.view(), context());
    Tensor<double> dz(x_.shape()), weight(Shape{x_.batch()});
    for (double& w : weight) w = 1 / static_cast<double>(x_.batch());
    model_.backward(e.latents.view(), dz.view(), weight.view(), weight.view(), context());
    double largest = 0;
    for (const double g : model_.parameters().gradient()) largest = std::max(largest, std::abs(g));
    Index numbers = 0;
    std::uint64_t tensor = 0;
    for (const auto& entry : model_.parameters().entries()) {
      ++tensor;
      if (!is_trainable(entry.role) || entry.name.starts_with("classes/head/")) continue;
      const double scale = std::max({largest_of(entry.gradient), 1e-3 * largest, 1e-12});
      const double tolerance = law.limit / 10 * scale;
      for (const Index i : chosen(entry.gradient, Random{seed_, 8}.fork(tensor))) {
        const double off =
            std::abs(by_differences(entry.name, entry.value[i], tolerance) - entry.gradient[i]);
        law.take(off / scale, join(entry.name, "[", i, "]"));
        ++numbers;
      }
    }
    law.detail =
        join("of ", numbers, " parameters, relative to the largest of their tensor; worst ", law.where);
    return law;
  }

  Law conditioning() {
    // Rounding to float, 2^-24, grows by as much as the condition number on the way back through W: at 1e6 to
    // 0.06, the width of a bin of 4-bit images.
    Law law{"condition of W", std::nullopt, 1e6, "there is no 1x1 convolution"};
    Index matrices = 0;
    for (const auto& e : model_.parameters().entries()) {
      constexpr std::string_view weight = "conv1x1/weight";
      if (!e.name.ends_with(weight)) continue;
      law.take(ops::condition_number(View<const double>(e.value)),
               e.name.substr(0, e.name.size() - std::string_view("/weight").size()));
      ++matrices;
    }
    if (matrices > 0)
      law.detail = join("of ", matrices, matrices == 1 ? " 1x1 convolution" : " 1x1 convolutions", "; worst ",
                        law.where);
    return law;
  }

 private:
  // Of all crops, or of crop n.
  Context<double> context() const { return {.labels = labels_}; }
  Context<double> context(Index n) const {
    if (labels_.empty()) return {};
    return {.labels = View<const Index>(labels_).samples(n, 1)};
  }

  static double largest_of(View<const double> x) {
    double largest = 0;
    for (const double v : x) largest = std::max(largest, std::abs(v));
    return largest;
  }

  // The latents of crop n when its number j is moved by t.
  std::vector<double> latents(Index n, Index j, double t) {
    Tensor<double> x(View<const double>(x_).samples(n, 1));
    x[j] += t;
    model_.forward(x.view(), View<double>(), View<double>(), context(n));
    return {x.begin(), x.end()};
  }

  double dense_logdet(Index n) {
    const Index d = crop_.size();
    Tensor<double> jacobian({d, d});    // transposed
    constexpr double tolerance = 1e-6;  // of its numbers
    for (Index j = 0; j < d; ++j) {
      const std::vector<double> row = derivative([&](double t) { return latents(n, j, t); }, tolerance);
      std::copy(row.begin(), row.end(), jacobian.data() + j * d);
    }
    ops::lu_in_place(jacobian);
    double sum = 0;
    for (Index j = 0; j < d; ++j) sum += std::log(std::abs(jacobian[j * d + j]));
    return sum;
  }

  // The number of the largest gradient, and another.
  static std::vector<Index> chosen(View<const double> gradient, Random random) {
    const auto largest = std::max_element(gradient.begin(), gradient.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    std::vector<Index> numbers{largest - gradient.begin()};
    const auto other = static_cast<Index>(random.words(0)[0]) % gradient.size();
    if (other != numbers.front()) numbers.push_back(other);
    return numbers;
  }

  // Recomputes what derives from a tensor: of its step alone, since that of all takes longer than a batch.
  void changed(const std::string& tensor) {
    std::size_t level = 0, step = 0;
    if (std::sscanf(tensor.c_str(), "level%zu/step%zu/", &level, &step) != 2) return model_.changed();
    auto& steps = std::get<1>(model_.parameters().params().levels.at(level - 1).layers).steps;
    const auto& layer = std::get<1>(model_.net().level().layers()).step();
    prepare_layer<std::remove_cvref_t<decltype(layer)>, double, Cpu>(layer, steps.at(step - 1));
  }

  // The derivative of the mean of log p(x) in a parameter of a tensor, which is left as it was.
  double by_differences(const std::string& tensor, double& parameter, double tolerance) {
    const double old = parameter;
    const auto mean = [&](double t) {
      parameter = old + t;
      changed(tensor);
      const auto log_p = model_.log_prob(x_.view(), context());
      const double sum = std::accumulate(log_p.begin(), log_p.end(), 0.0);
      return std::vector<double>{sum / static_cast<double>(log_p.size())};
    };
    const std::vector<double> slope = derivative(mean, tolerance);
    parameter = old;
    changed(tensor);
    return slope[0];
  }

  std::uint64_t seed_;
  Shape crop_;
  DoubleModel model_;
  Tensor<double> x_;
  Tensor<Index> labels_;
};

}  // namespace

Shape crop_of(const Shape& image, int levels) {
  constexpr Index most_numbers_of_larger = 256;
  const Index least = Index{1} << levels;
  const Shape larger{std::min(image[0], 2 * least), std::min(image[1], 2 * least), image[2]};
  return larger.size() <= most_numbers_of_larger ? larger : Shape{least, least, image[2]};
}

void check_in_double(const Checkpoint& run, View<const float> x, std::span<const Index> labels,
                     std::uint64_t seed, const OnLaw& on_law) {
  InDouble model(run, x, labels, seed);
  on_law(model.logdet());
  on_law(model.gradients());
  on_law(model.conditioning());
}

}  // namespace glow::app
