#include "run/initial_weights.hpp"

#include <map>
#include <set>

#include "run/checkpoint.hpp"
#include "run/first_names.hpp"

namespace glow::app {

namespace {

std::string first_of(const std::vector<std::string>& names) {
  return first_names(names.size(), [&](std::size_t i) { return names[i]; });
}

}  // namespace

std::string InitialWeights::text(const std::string& from) const {
  std::string all = join("starting from ", taken.size(), " tensors of ", from);
  if (!fresh.empty()) all += join("; fresh: ", first_of(fresh));
  if (!left_out.empty()) all += join("; left out: ", first_of(left_out));
  return all;
}

InitialWeights initial_weights(const std::filesystem::path& from, const TrainingState& model) {
  const Checkpoint c = open_model(from, Weights::ema);
  std::map<std::string, const Tensor<float>*> there;
  for (const auto& e : c.state.tensors) there[e.name] = &e.value;
  InitialWeights weights;
  std::set<std::string> used;
  for (const auto& e : model.tensors) {
    const auto found = there.find(e.name);
    if (found == there.end() || found->second->shape() != e.value.shape()) {
      weights.fresh.push_back(e.name);
      continue;
    }
    weights.taken.push_back({e.name, *found->second});
    used.insert(e.name);
  }
  for (const auto& e : c.state.tensors) {
    if (used.count(e.name) == 0) weights.left_out.push_back(e.name);
  }
  require(!weights.taken.empty(), "init_from: '", from.string(), "': none of its ", c.state.tensors.size(),
          " tensors fits this model; the first is ", c.state.tensors.front().name, " of shape ",
          c.state.tensors.front().value.shape());
  return weights;
}

void put(const InitialWeights& weights, TrainingState& state) {
  std::map<std::string, Tensor<float>*> of_model;
  for (auto& e : state.tensors) of_model[e.name] = &e.value;
  for (const auto& e : weights.taken) *of_model.at(e.name) = e.value;
}

}  // namespace glow::app
