// The domain of a model's data: how they are told in numbers, and in which unit their likelihood is.
#pragma once

#include <cmath>
#include <variant>
#include <vector>

#include <glow/core/shape.hpp>
#include <glow/ops/bins.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A vector of `size` numbers as the shape of a sample: Model<Net>(architecture, Vector{2}).
struct Vector {
  Index size;
  operator Shape() const { return {size}; }
};

/// 8-bit numbers, of whose 256 levels 2^bits are told apart. They enter the net as x = level / 2^bits - 1/2 +
/// U(0, 2^-bits), and log p(x) is the density of x (ops/dequantized.hpp).
struct Pixels {
  int bits = 8;  ///< 1 to 8
};

/// Real numbers. The net sees them standardized, channel by channel, and log p(x) is the density, in nats, of
/// the numbers as they are given. Mean and deviation come from the batch of Model::start unless they are
/// given here, one a channel (a component of vectors); until then they are 0 and 1.
struct Continuous {
  std::vector<double> mean = {};
  std::vector<double> deviation = {};
};

/// What a model's data are: Pixels or Continuous.
class Domain {
 public:
  /// Throws Error for bits other than 1 to 8.
  Domain(Pixels pixels) : data_(pixels) { bins_of(pixels.bits); }
  /// Throws Error for means and deviations of which there are not as many, or that are not finite, and for
  /// deviations that are not above 0.
  Domain(Continuous continuous) {
    require(continuous.mean.size() == continuous.deviation.size(), "Continuous: ", continuous.mean.size(),
            " means need as many deviations, not ", continuous.deviation.size());
    for (const double m : continuous.mean)
      require(std::isfinite(m), "Continuous: mean ", m, " must be a finite number");
    for (const double d : continuous.deviation)
      require(std::isfinite(d) && d > 0, "Continuous: deviation ", d, " must be a finite number above 0");
    data_ = std::move(continuous);
  }
  /// The usual domain of samples of this shape: Pixels of 8 bits for images [H, W, C], Continuous for vectors
  /// [D].
  static Domain of(const Shape& sample) {
    return sample.rank() == 1 ? Domain(Continuous()) : Domain(Pixels());
  }

  bool is_continuous() const { return std::holds_alternative<Continuous>(data_); }
  /// Bits of Pixels; throws Error for Continuous.
  int bits() const {
    require(!is_continuous(),
            "the model's data are continuous numbers, not 8-bit pixels, which this call takes or makes");
    return std::get<Pixels>(data_).bits;
  }
  /// Levels that are told apart: 2^bits of Pixels; 1 of Continuous, whose likelihood is that of a density.
  int bins() const { return is_continuous() ? 1 : bins_of(bits()); }
  /// Means and deviations of Continuous as they were given; throws Error for Pixels.
  const Continuous& continuous() const {
    require(is_continuous(), "the model's data are 8-bit pixels, which are not standardized");
    return std::get<Continuous>(data_);
  }

 private:
  std::variant<Pixels, Continuous> data_;
};

}  // namespace glow
