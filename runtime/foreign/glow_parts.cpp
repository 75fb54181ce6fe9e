#include "foreign/glow_parts.hpp"

#include <cmath>

namespace glow::foreign {

namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// Puts output order[o] of a convolution at o.
void reorder_outputs(Convolution& conv, const std::vector<Index>& order) {
  const auto reorder = [&](std::vector<double>& numbers) {
    const std::vector<double> old = numbers;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = old[i / order.size() * order.size() + at(order[i % order.size()])];
  };
  reorder(conv.kernel);
  reorder(conv.bias);
}

}  // namespace

Convolution convolution_of(const std::vector<double>& kernel, std::vector<double> bias, Index taps,
                           Index inputs, Index outputs) {
  Convolution conv{taps, inputs, outputs, std::vector<double>(kernel.size()), std::move(bias)};
  for (Index o = 0; o < outputs; ++o) {
    for (Index i = 0; i < inputs; ++i) {
      for (Index t = 0; t < taps; ++t)
        conv.kernel[at((t * inputs + i) * outputs + o)] = kernel[at((o * inputs + i) * taps + t)];
    }
  }
  return conv;
}

void fold_scale(Convolution& conv, const std::vector<double>& log_scale, double factor) {
  const auto fold = [&](std::vector<double>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] *= std::exp(factor * log_scale[i % log_scale.size()]);
  };
  fold(conv.kernel);
  fold(conv.bias);
}

void split_interleaved(Convolution& conv) {
  std::vector<Index> order;
  for (const Index first : {0, 1}) {
    for (Index o = first; o < conv.outputs; o += 2) order.push_back(o);
  }
  reorder_outputs(conv, order);
}

void swap_halves(Convolution& conv) {
  std::vector<Index> order;
  for (Index o = 0; o < conv.outputs; ++o) order.push_back((o + conv.outputs / 2) % conv.outputs);
  reorder_outputs(conv, order);
}

void ones_around_to_edge(Convolution& conv) {
  const Convolution old = conv;
  add_empty_input(conv);
  for (Index t = 0; t < conv.taps; ++t) {
    for (Index o = 0; o < conv.outputs; ++o) {
      double sum = 0;
      for (Index i = 0; i < old.inputs; ++i) sum += old.kernel[at((t * old.inputs + i) * conv.outputs + o)];
      conv.kernel[at((t * conv.inputs + old.inputs) * conv.outputs + o)] = -sum;
      conv.bias[at(o)] += sum;
    }
  }
}

void add_empty_input(Convolution& conv) {
  const std::vector<double> old = std::move(conv.kernel);
  const Index row = conv.inputs * conv.outputs, longer = row + conv.outputs;
  conv.kernel.assign(at(conv.taps * longer), 0.0);
  for (Index t = 0; t < conv.taps; ++t) std::copy_n(&old[at(t * row)], row, &conv.kernel[at(t * longer)]);
  ++conv.inputs;
}

}  // namespace glow::foreign
