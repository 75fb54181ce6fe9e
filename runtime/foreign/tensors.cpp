#include "foreign/tensors.hpp"

#include <algorithm>

namespace glow::foreign {

namespace {

std::vector<Index> without_ones(std::vector<Index> shape) {
  shape.erase(std::remove(shape.begin(), shape.end(), Index{1}), shape.end());
  return shape;
}

}  // namespace

Tensors::Tensors(const File& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {
  for (const Array& a : file.arrays) {
    if (a.name.starts_with(prefix_)) arrays_.emplace(a.name.substr(prefix_.size()), &a);
  }
}

bool Tensors::has_any(const std::string& begin) const {
  const auto it = arrays_.lower_bound(begin);
  return it != arrays_.end() && it->first.starts_with(begin);
}

std::vector<double> Tensors::take(const std::string& name, const std::vector<Index>& shape) {
  const Array& a = array(name);
  check(without_ones(a.shape) == without_ones(shape), "'", a.name, "' has shape ", a.shape_text(), ", but ",
        shape_text(shape), " is needed");
  leave(name);
  return numbers_of(file_.name, a);
}

void Tensors::finish(const std::string& model) const {
  for (const auto& [name, a] : arrays_)
    check(left_.count(name) == 1, "'", a->name, "' of shape ", a->shape_text(), " is not part of a model of ",
          model);
}

const Array& Tensors::array(const std::string& name) const {
  const auto it = arrays_.find(name);
  check(it != arrays_.end(), "'", prefix_, name, "' is missing");
  return *it->second;
}

std::string shape_text(const std::vector<Index>& shape) {
  return Array{"", Element::f32, shape, {}, {}}.shape_text();
}

}  // namespace glow::foreign
