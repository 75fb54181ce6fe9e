#include "foreign/array.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include <glow/core/bf16.hpp>
#include <glow/core/error.hpp>
#include <glow/core/float16.hpp>

namespace glow::foreign {

namespace {

struct ElementType {
  std::string_view name;
  std::size_t size;
};
constexpr ElementType element_types[] = {{"float16", 2}, {"bfloat16", 2}, {"float32", 4}, {"float64", 8},
                                         {"int8", 1},    {"int16", 2},    {"int32", 4},   {"int64", 8},
                                         {"uint8", 1},   {"uint16", 2},   {"uint32", 4},  {"uint64", 8},
                                         {"bool", 1}};

template <class T>
T stored(const std::byte* from) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

double number(Element element, const std::byte* from) {
  switch (element) {
    case Element::f16:
      return static_cast<double>(static_cast<float>(stored<Float16>(from)));
    case Element::bf16:
      return static_cast<double>(static_cast<float>(stored<Bf16>(from)));
    case Element::f32:
      return static_cast<double>(stored<float>(from));
    default:
      return stored<double>(from);
  }
}

}  // namespace

std::string_view name_of(Element element) { return element_types[static_cast<std::size_t>(element)].name; }
std::size_t size_of(Element element) { return element_types[static_cast<std::size_t>(element)].size; }

// Without a product, which other extents could make too large.
bool is_empty(const std::vector<Index>& shape) {
  return std::count(shape.begin(), shape.end(), Index{0}) > 0;
}

Index Array::size() const {
  if (is_empty(shape)) return 0;
  Index n = 1;
  for (const Index e : shape) n *= e;
  return n;
}

std::string Array::shape_text() const {
  if (shape.empty()) return "scalar";
  std::string text = std::to_string(shape[0]);
  for (std::size_t i = 1; i < shape.size(); ++i) text += "x" + std::to_string(shape[i]);
  return text;
}

std::vector<Index> strides_of(const std::vector<Index>& shape) {
  std::vector<Index> strides(shape.size());
  if (is_empty(shape)) return strides;
  Index step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; step *= shape[axis]) strides[axis] = step;
  return strides;
}

std::vector<double> numbers_of(const std::string& file, const Array& array) {
  require<FileError>(array.element <= Element::f64, "'", file, "': '", array.name, "' is of type ",
                     name_of(array.element), "; the numbers of a model are ",
                     "float16, bfloat16, float32 or float64");
  std::vector<double> numbers(static_cast<std::size_t>(array.size()));
  std::vector<Index> at(array.shape.size(), 0);
  Index place = 0;
  for (double& v : numbers) {
    v = number(array.element, array.bytes.data() + static_cast<std::size_t>(place) * size_of(array.element));
    for (std::size_t axis = at.size(); axis-- > 0;) {  // on to the next, in rows
      place += array.strides[axis];
      if (++at[axis] < array.shape[axis]) break;
      place -= array.shape[axis] * array.strides[axis];
      at[axis] = 0;
    }
  }
  return numbers;
}

}  // namespace glow::foreign
