// A probe that listens to a model for a while.
#pragma once

#include <glow/flow/model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// While it lives, `probe` listens to the model; afterwards who listened before does.
template <class Net, class T, class D>
class Listening {
 public:
  Listening(Model<Net, T, D>& model, Probe<T, D>& probe) : Listening(model, &probe) {}
  /// Null for nobody.
  Listening(Model<Net, T, D>& model, Probe<T, D>* probe) : model_(model), before_(model.listener()) {
    model_.listen(probe);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { model_.listen(before_); }

 private:
  Model<Net, T, D>& model_;
  Probe<T, D>* before_;
};

}  // namespace glow
