// The bundled digits, as the build embeds them.
#pragma once

#include <cstdint>
#include <span>

namespace glow::app {

std::span<const std::uint8_t> embedded_digits();        // generated from data/digits-images-idx3-ubyte
std::span<const std::uint8_t> embedded_digit_labels();  // generated from data/digits-labels-idx1-ubyte

}  // namespace glow::app
