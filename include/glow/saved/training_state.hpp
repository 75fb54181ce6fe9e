// The state of a model and its training, on the host.
#pragma once

#include <string>
#include <vector>

#include <glow/saved/named_tensor.hpp>
#include <glow/train/trainer.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a file keeps of a model and its training.
template <class T>
struct TrainingStateOf {
  using Entry = NamedTensorOf<T>;
  std::vector<Entry> tensors;   ///< parameters and constants, in the order of the layers
  std::vector<Entry> averages;  ///< of the parameters, under their names; none without an average
  Tensor<T> first_moment;       ///< of Adam, flat as Parameters::values; of size 0 for a model alone
  Tensor<T> second_moment;      ///< the same
  Index steps = 0;              ///< done
  Index taken_steps = 0;        ///< of these, those that changed the parameters
  Index bad_steps = 0;          ///< the last ones in a row that did not

  /// Whether there is a state of training.
  bool has_training() const { return first_moment.size() > 0; }
};
using TrainingState = TrainingStateOf<float>;

namespace detail {

// The part of flat numbers of all parameters that belongs to one.
template <class Number, class D, class Store, class Entry>
View<Number, D> part_of(View<Number, D> flat, Store& parameters, const Entry& e) {
  return {flat.data() + (e.value.data() - parameters.values().data()), e.value.shape()};
}

}  // namespace detail

/// The state of a trainer and its model, the same whether or not the average is in use; no step may be under
/// way.
template <class Net, class T, class D, class Optimizer, class Ranks>
TrainingStateOf<T> state_of(const Model<Net, T, D>& model,
                            const Trainer<Net, T, D, Optimizer, Ranks>& trainer) {
  TrainingStateOf<T> s;
  s.tensors = tensors_of(model);
  const auto& parameters = model.parameters();
  if (!trainer.average().empty()) {
    for (const auto& e : parameters.entries()) {
      if (is_trainable(e.role))
        s.averages.push_back({e.name, detail::on_host(detail::part_of(trainer.average(), parameters, e))});
    }
  }
  if (trainer.uses_average() && trainer.taken_steps() > 0) {  // the two have changed places
    std::size_t tensor = 0, average = 0;
    for (const auto& e : parameters.entries()) {
      if (e.role == Role::derived) continue;
      if (is_trainable(e.role)) std::swap(s.tensors[tensor].value, s.averages[average++].value);
      ++tensor;
    }
  }
  s.first_moment = detail::on_host(trainer.optimizer().first_moment());
  s.second_moment = detail::on_host(trainer.optimizer().second_moment());
  s.steps = trainer.steps();
  s.taken_steps = trainer.taken_steps();
  s.bad_steps = trainer.bad_steps();
  return s;
}

/// A trainer and its model go on from a state of the same architecture. Throws CheckpointError, before
/// anything is changed, for a state without training, of another model, or without the averages that the
/// trainer has, and Error while the average is in use.
template <class Net, class T, class D, class Optimizer, class Ranks>
void set_state(Trainer<Net, T, D, Optimizer, Ranks>& trainer, const TrainingStateOf<T>& s) {
  auto& parameters = trainer.model().parameters();
  require(!trainer.uses_average(),
          "set_state: the model has the average of its parameters; call use_average(false) first");
  require<CheckpointError>(s.has_training(), "there is a model, but no state of its training");
  require<CheckpointError>(s.first_moment.shape() == parameters.values().shape() &&
                               s.second_moment.shape() == parameters.values().shape(),
                           "the optimizer's moments ", s.first_moment.shape(), " and ",
                           s.second_moment.shape(), " must be ", parameters.values().shape());
  const bool averaged = !trainer.average().empty();
  require<CheckpointError>(
      averaged != s.averages.empty(),
      averaged ? "there is no average of the weights" : "there is an average of the weights",
      ", and the trainer has ", averaged ? "one" : "none",
      "; its average (ema) must be that of the file's training");
  set_tensors(trainer.model(), s.tensors);
  std::size_t i = 0;
  for (const auto& e : parameters.entries()) {
    if (averaged && is_trainable(e.role))
      transfer(s.averages.at(i++).value.view(), detail::part_of(trainer.average(), parameters, e));
  }
  transfer(s.first_moment.view(), trainer.optimizer().first_moment());
  transfer(s.second_moment.view(), trainer.optimizer().second_moment());
  trainer.set_steps(s.steps, s.taken_steps, s.bad_steps);
}

}  // namespace glow
