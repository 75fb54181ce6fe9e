// The labels of the bundled digits.
#pragma once

#include "data/attributes.hpp"

namespace glow::app {

/// The attributes "0" to "9" of the bundled digits, one an image.
Attributes digit_classes();

}  // namespace glow::app
