// A model of which all writers make a file, for their tests.
#pragma once

#include <glow/runtime/nets.hpp>
#include <glow/saved/save.hpp>

#include "support.hpp"

namespace glow::test {

/// A new model of images, none of whose numbers is at its starting value.
inline SavedModel saved_image_model(const Architecture& a, const Shape& image,
                                    const Domain& domain = Pixels{5}) {
  Model<ImageNet> model(a, image, domain, 4);
  shake(model.parameters(), 0.03F);
  return {describe(model), tensors_of(model)};
}

/// Two tensors and a key, small enough to be read in bytes.
inline std::vector<NamedTensor> two_tensors() {
  std::vector<NamedTensor> tensors;
  tensors.push_back({"level1/actnorm/bias", Tensor<float>(Shape{2})});
  tensors.push_back({"level1/kernel", Tensor<float>(Shape{1, 3})});
  for (NamedTensor& t : tensors) {
    for (Index i = 0; i < t.value.size(); ++i) t.value[i] = static_cast<float>(i + 1) / 4;
  }
  return tensors;
}

/// Numbers as they lie in memory.
inline std::string memory_of_floats(const std::vector<float>& numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
}

}  // namespace glow::test
