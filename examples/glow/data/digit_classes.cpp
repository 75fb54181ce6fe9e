#include "data/digit_classes.hpp"

namespace glow::app {

std::span<const std::uint8_t> embedded_digit_labels();  // generated from data/digits-labels-idx1-ubyte

Attributes digit_classes() { return parse_attributes(embedded_digit_labels(), "the labels of the digits"); }

}  // namespace glow::app
