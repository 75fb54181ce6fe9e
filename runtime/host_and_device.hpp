// What passes between the host and the device of a model.
#pragma once

#include <glow/flow/groups.hpp>
#include <glow/flow/require_finite.hpp>
#include <glow/saved/named_tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

template <class D>
Tensor<float, D> to_device(View<const float> x) {
  Tensor<float, D> there(x.shape());
  transfer(x, there.view());
  return there;
}

template <class D>
Tensor<float> on_host(View<const float, D> x) {
  return glow::detail::on_host(x);
}

/// Latents lie level by level: those of the samples `part` of packed ones, and back to their places.
template <class D, class Net>
Tensor<float, D> packed_to_device(const Net& net, View<const float> packed, ImageRange part) {
  Tensor<float, D> there(packed.shape().with_batch(part.count));
  for (int l = 1; l <= net.levels(); ++l)
    transfer(part.of(net.latent(l, packed)), net.latent(l, there.view()));
  return there;
}
template <class D, class Net>
void packed_to_host(const Net& net, View<const float, D> there, ImageRange part, View<float> packed) {
  for (int l = 1; l <= net.levels(); ++l) transfer(net.latent(l, there), part.of(net.latent(l, packed)));
}

/// A context of the host on the device of a model, checked.
template <class D>
class OnDevice {
 public:
  template <class Net>
  OnDevice(const Model<Net, float, D>& model, const Context<float>& given) {
    if (!given.labels.empty())
      labels_ = model.labels({given.labels.data(), static_cast<std::size_t>(given.labels.size())});
    if (!given.features.empty()) features_ = to_device<D>(given.features);
  }

  Context<float, D> context() const {
    Context<float, D> there;
    if (labels_.size() > 0) there.labels = labels_;
    if (features_.size() > 0) there.features = features_;
    return there;
  }

 private:
  Tensor<Index, D> labels_;
  Tensor<float, D> features_;
};

}  // namespace glow::runtime
