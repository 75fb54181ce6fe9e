// The classes of the module, and what binds them.
#pragma once

#include <mutex>

#include <glow/runtime/any_trainer.hpp>

#include "arrays.hpp"

namespace glow::python {

/// A model, of which one thread at a time may call what is not const.
struct PyModel {
  std::unique_ptr<AnyModel> model;
  std::mutex mutex = {};

  explicit PyModel(std::unique_ptr<AnyModel> m) : model(std::move(m)) {}
};

/// The training of a model, which lives as long.
struct PyTrainer {
  PyModel& of;
  std::unique_ptr<AnyTrainer> trainer;

  PyTrainer(PyModel& m, const TrainOptions& options) : of(m), trainer(m.model->trainer(options)) {}

  template <class F>
  auto locked(F fn) {
    return unlocked([&] {
      const std::lock_guard lock(of.mutex);
      return fn();
    });
  }
};

/// Adds the class Model, and the functions that make one.
void bind_model(nb::module_& m);
/// Adds the class Trainer, and the function that makes one.
void bind_trainer(nb::module_& m);

}  // namespace glow::python
