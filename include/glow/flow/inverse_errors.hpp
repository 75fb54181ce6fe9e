// How well each layer of a model takes back what it did to its input.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <glow/flow/listening.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A layer by the name of its parameters, "level1/step2/coupling", or by those of several that its device
/// undoes in one pass, "actnorm+conv1x1", or the container that they are in; and the largest |x' - x| /
/// max(1, largest |x|) over inputs x, where x' is the layer's inverse of the very output that it made of x.
/// Infinity if x' is not finite.
struct InverseError {
  std::string layer;
  double error;
};

namespace detail {

// Writes down what enters and leaves each layer on the way forward. On the way back it gives each layer its
// own output, whatever the layers after it have made of theirs, so that an error is that of one layer.
template <class T, class D>
class InverseProbe : public Probe<T, D> {
 public:
  void before(const LayerPlace& place, Verb verb, View<T, D> x) override {
    const std::string name = place.path();
    if (verb == Verb::forward) {
      inputs_[name] = Tensor<T, D>(View<const T, D>(x));
    } else if (const auto output = outputs_.find(name); output != outputs_.end()) {
      copy(View<const T, D>(output->second), x);
    }
  }

  void after(const LayerPlace& place, Verb verb, View<T, D> x) override {
    const std::string name = place.path();
    if (verb == Verb::forward) {
      outputs_[name] = Tensor<T, D>(View<const T, D>(x));
    } else if (const auto input = inputs_.find(name); input != inputs_.end()) {
      add(name, error(input->second, x));
    }
  }

  // In the order in which layers are undone.
  std::vector<InverseError> errors;

  // Of the input that came back `again`.
  static double error(View<const T, D> input, View<const T, D> again) {
    Tensor<T> x(input.shape()), y(again.shape());
    transfer(input, x.view());
    transfer(again, y.view());
    double largest = 1, worst = 0;
    for (Index i = 0; i < x.size(); ++i) {
      const double d = std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i]));
      worst = d <= worst ? worst : d;
      largest = std::max(largest, std::abs(static_cast<double>(x[i])));
    }
    return std::isfinite(worst) ? worst / largest : std::numeric_limits<double>::infinity();
  }

 private:
  void add(const std::string& name, double error) {
    const auto known =
        std::find_if(errors.begin(), errors.end(), [&](const InverseError& e) { return e.layer == name; });
    if (known == errors.end()) {
      errors.push_back({name, error});
    } else {
      known->error = std::max(known->error, error);
    }
  }

  std::map<std::string, Tensor<T, D>> inputs_, outputs_;
};

}  // namespace detail

/// Takes each of the samples x [N, H, W, C] forward and back by itself, and tells the error of the inverse of
/// each layer, the last layer first, and of each container after what is in it, which is that of its first
/// layer. Afterwards nobody listens to the model. Throws as Model::forward does. Memory: twice the batch for
/// each layer and container, of one sample.
template <class Net, class T, class D>
std::vector<InverseError> inverse_errors(Model<Net, T, D>& model,
                                         View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                                         const std::type_identity_t<Context<T, D>>& context = {}) {
  detail::InverseProbe<T, D> probe;
  const Listening listening(model, probe);
  for (Index n = 0; n < x.batch(); ++n) {
    const Context<T, D> own = context.samples(n, 1);
    Tensor<T, D> z(x.samples(n, 1));
    model.forward(z.view(), View<T, D>(), View<T, D>(), own);
    model.inverse(z.view(), View<T, D>(), own);
  }
  return std::move(probe.errors);
}

}  // namespace glow
