// glow_vectors_worker FOLDER MAP THREADS: trains a flow on the rows of FOLDER/train.npy beside those of
// benchmarks/peers/vectors_*.py, with the sizes of benchmarks/vectors.py. MAP is spline or affine. Answers
// each line of its input with a line of JSON: "steps N" ({"seconds"} that N steps of training take),
// "held_out"
// ({"log_p"}, the mean over FOLDER/test.npy), "log_p S" and "sample S" ({"rows_per_s"}, for S seconds),
// "quit".
#include <chrono>
#include <iostream>
#include <sstream>

#include <glow/data/table.hpp>
#include <glow/glow.hpp>

#include "worker/timing.hpp"

namespace glow::benchmarks {
namespace {

using Json = nlohmann::ordered_json;
template <class... Layers>
using NetOf = MultiScale<Repeat<Flow<Layers..., CouplingOf<AnyMap, Mlp>>>>;
using OfPlane = NetOf<ActNorm, Conv1x1>;              // starts from rotations
using OfTable = NetOf<Permutation, ActNorm, Linear>;  // keeps columns apart at first

constexpr Index batch = 256, evaluated = 4096;

template <class Net>
class VectorsWorker {
 public:
  VectorsWorker(const std::filesystem::path& folder, CouplingMap map)
      : train_(read_table(folder / "train.npy").rows),
        test_(read_table(folder / "test.npy").rows),
        model_(Architecture{.levels = 1, .depth = 6, .width = 64, .coupling = map},
               Vector{train_.channels()}),
        trainer_(model_, {.learning_rate = 1e-3}) {
    trainer_.start_on(train_.view());
  }

  Json ready() const {
    return {
        {"ready", "glow"},
        {"threads", threads()},
        // Of the factors of Conv1x1 half the numbers are used.
        {"parameters", model_.parameters().values().size() - 6 * train_.channels() * (train_.channels() + 1)},
        {"versions", Json::object()}};
  }

  Json answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    double amount = 0;
    words >> verb >> amount;
    if (verb == "steps") {
      const Timing t = time_once([&] {
        for (Index n = 0; n < static_cast<Index>(amount); ++n) step();
      });
      return {{"seconds", t.best}};
    }
    if (verb == "held_out") {
      double sum = 0;
      for (const float l : model_.log_prob(test_.view())) sum += static_cast<double>(l);
      return {{"log_p", sum / static_cast<double>(test_.batch())}};
    }
    const auto rate = [&](auto call) {
      return Json{{"rows_per_s", time_calls(amount, call).rate(static_cast<double>(evaluated))}};
    };
    if (verb == "log_p") return rate([&] { model_.log_prob(test_.samples(0, evaluated)); });
    if (verb == "sample") return rate([&] { model_.sample(evaluated, 1, Random{1, 1}); });
    throw Error(join("'", verb, "' is none of steps, held_out, log_p, sample, quit"));
  }

 private:
  template <class Call>
  static Timing time_once(Call call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {s, s, 1};
  }

  void step() {
    trainer_.step_on(train_.samples(trainer_.steps() % (train_.batch() / batch) * batch, batch));
  }

  Tensor<float> train_, test_;
  Model<Net> model_;
  Trainer<Net> trainer_;
};

template <class Net>
int serve(const char* folder, CouplingMap map) {
  VectorsWorker<Net> worker(folder, map);
  std::cout << worker.ready().dump() << std::endl;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::cout << worker.answer(line).dump() << std::endl;
  }
  return 0;
}

int run(int count, char** words) {
  require(count == 4, "usage: glow_vectors_worker FOLDER MAP THREADS");
  set_threads(std::stoi(words[3]));
  const bool plane = read_table(std::filesystem::path(words[1]) / "test.npy").rows.channels() == 2;
  return plane ? serve<OfPlane>(words[1], coupling_map_of(words[2]))
               : serve<OfTable>(words[1], coupling_map_of(words[2]));
}

}  // namespace
}  // namespace glow::benchmarks

int main(int count, char** words) {
  try {
    return glow::benchmarks::run(count, words);
  } catch (const std::exception& e) {
    std::cout << nlohmann::json{{"error", e.what()}}.dump() << std::endl;
    return 1;
  }
}
