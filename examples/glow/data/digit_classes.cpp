#include "data/digit_classes.hpp"

namespace glow::app {

std::span<const std::uint8_t> embedded_digit_labels();  // generated from data/digits-labels-idx1-ubyte

Attributes digit_classes() {
  Attributes table = parse_attributes(embedded_digit_labels(), "digits");
  table.place = "the labels of the digits";
  return table;
}

}  // namespace glow::app
