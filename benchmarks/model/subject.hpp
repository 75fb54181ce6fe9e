// Subject: a model with images and draws to run it on, on a device chosen at run time.
#pragma once

#include <string>

#include "model/setting.hpp"

namespace glow::benchmarks {

/// What is measured. Each verb takes one batch and returns when it is done.
class Subject {
 public:
  virtual ~Subject() = default;

  /// "CPU, 2 threads" or the name of the GPU.
  virtual std::string device() const = 0;
  virtual Index batch() const = 0;
  /// Trainable numbers.
  virtual Index parameter_count() const = 0;
  /// See glow::benchmarks::log_p_flops.
  virtual double flops() const = 0;

  /// One step of Adam.
  virtual void train() = 0;
  virtual void log_p() = 0;
  /// At temperature 0.7.
  virtual void sample() = 0;
  /// Throws Error if the last verb left a number that is not finite.
  virtual void check() const = 0;
};

}  // namespace glow::benchmarks
