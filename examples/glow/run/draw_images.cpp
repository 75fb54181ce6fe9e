#include "run/draw_images.hpp"

namespace glow::app {

std::vector<std::uint8_t> draw_images(const AnyModel& model, Index first, Index count, Random random,
                                      float temperature, std::optional<Index> label) {
  const std::vector<Index> labels(label ? static_cast<std::size_t>(count) : 0, label.value_or(0));
  return model.sample_pixels(count, temperature, random, first, with_labels(labels));
}

}  // namespace glow::app
