#include "data/digit_classes.hpp"

#include "data/embedded_digits.hpp"

namespace glow::app {

Attributes digit_classes() {
  Attributes table = parse_attributes(embedded_digit_labels(), "digits");
  table.place = "the labels of the digits";
  return table;
}

}  // namespace glow::app
