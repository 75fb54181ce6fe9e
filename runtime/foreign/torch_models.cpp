#include "foreign/torch_models.hpp"

#include <array>
#include <cmath>

#include <glow/core/named_values.hpp>

namespace glow::foreign {

namespace {

constexpr std::array<std::string_view, 3> pixel_names{"centred", "unit", "to_tensor"};

constexpr TorchModel models[] = {
    {"rosinality/glow-pytorch", "blocks.0.flows.0.actnorm.loc", 5, PixelNumbers::centred, read_rosinality},
    {"y0ast/Glow-PyTorch", "flow.layers.1.block.0.conv.weight", 8, PixelNumbers::centred, read_y0ast},
    {"chaiyujin/glow-pytorch", "flow.layers.1.f.0.weight", 8, PixelNumbers::to_tensor, read_chaiyujin},
    {"normflows", "flows.0.0.flows.0.flows.1.param_map.net.0.weight", 8, PixelNumbers::unit, read_normflows},
};

}  // namespace

std::string_view name_of(PixelNumbers numbers) { return pixel_names[static_cast<std::size_t>(numbers)]; }

PixelNumbers pixel_numbers_of(std::string_view name) {
  return value_named<PixelNumbers>("pixels", pixel_names, name);
}

PixelScale scale_of(PixelNumbers numbers, int bits) {
  const double levels = std::ldexp(1.0, bits);
  switch (numbers) {
    case PixelNumbers::unit:  // x = x' + 1/2
      return {1, 0.5};
    case PixelNumbers::to_tensor:  // x = (x' + 1/2) 2^bits / (2^bits - 1)
      return {levels / (levels - 1), 0.5};
    default:
      return {};
  }
}

std::span<const TorchModel> torch_models() { return models; }

std::optional<FoundModel> find_torch_model(const File& file) {
  for (const TorchModel& model : models) {
    for (const Array& a : file.arrays) {
      const bool begins = a.name.size() == model.signature.size() ||
                          (a.name.size() > model.signature.size() &&
                           a.name[a.name.size() - model.signature.size() - 1] == '.');
      if (begins && a.name.ends_with(model.signature))
        return FoundModel{&model, a.name.substr(0, a.name.size() - model.signature.size())};
    }
  }
  return std::nullopt;
}

}  // namespace glow::foreign
