// The tensors of a model by name, on the host.
#pragma once

#include <string>
#include <vector>

#include <glow/core/tensor.hpp>
#include <glow/flow/model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Numbers under the name that they have in files.
template <class T>
struct NamedTensorOf {
  std::string name;
  Tensor<T> value;
};
using NamedTensor = NamedTensorOf<float>;

namespace detail {

// A copy in the host's memory.
template <class T, class D>
Tensor<T> on_host(View<const T, D> x) {
  Tensor<T> out(x.shape());
  transfer(x, out.view());
  return out;
}

}  // namespace detail

/// Parameters and constants of a model, in the order of its layers: all that is saved of it.
template <class Net, class T, class D>
std::vector<NamedTensorOf<T>> tensors_of(const Model<Net, T, D>& model) {
  std::vector<NamedTensorOf<T>> tensors;
  for (const auto& e : model.parameters().entries()) {
    if (e.role != Role::derived) tensors.push_back({e.name, detail::on_host(e.value)});
  }
  return tensors;
}

/// The reverse; numbers of another type are converted. Throws CheckpointError, naming the tensor, unless
/// names and shapes are those of the model, which is then as it was.
template <class Net, class T, class D, class Stored>
void set_tensors(Model<Net, T, D>& model, const std::vector<NamedTensorOf<Stored>>& tensors) {
  std::size_t count = 0;
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::derived) continue;
    require<CheckpointError>(count < tensors.size(), "tensor '", e.name, "' is missing");
    const auto& [name, value] = tensors[count++];
    require<CheckpointError>(name == e.name, "tensor '", name, "' stands where '", e.name, "' is due");
    require<CheckpointError>(value.shape() == e.value.shape(), "tensor '", name, "' has shape ",
                             value.shape(), ", but ", e.value.shape(), " is needed");
  }
  require<CheckpointError>(count == tensors.size(), "there are ", tensors.size(),
                           " tensors, but the model has ", count);
  count = 0;
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::derived) continue;
    const Tensor<Stored>& from = tensors[count++].value;
    if constexpr (std::is_same_v<Stored, T>) {
      transfer(from.view(), e.value);
    } else {
      Tensor<T> converted(from.shape());
      std::transform(from.begin(), from.end(), converted.begin(), [](Stored v) { return static_cast<T>(v); });
      transfer(View<const T>(converted), e.value);
    }
  }
  model.changed();
}

}  // namespace glow
