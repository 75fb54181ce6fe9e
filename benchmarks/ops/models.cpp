// The three things that a whole model is used for, on all threads.
#include "model/subject_on.hpp"
#include "ops/registered.hpp"

namespace glow::benchmarks {
namespace {

using HostSubject = SubjectOn<Cpu>;

void register_model(const std::string& name) {
  const Setting s = setting_of(name);
  const double images = static_cast<double>(s.batch);
  const double flops = images * log_p_flops(Model<Glow>(s.architecture, s.image));
  const auto add_verb = [&](const std::string& verb, double times, void (Subject::*run)()) {
    add(verb + "/" + name + "/" + s.name(), {.flops = times * flops, .images = images}, [s, run] {
      // A rate so small that any number of steps on noise leaves the loss finite.
      const auto subject = std::make_shared<HostSubject>("CPU", s, TrainOptions{.learning_rate = 1e-9});
      return [subject, run] { ((*subject).*run)(); };
    });
  };
  // Training's useful arithmetic: forward, and the gradients of operands and weights.
  add_verb("train", 3, &Subject::train);
  add_verb("log_p", 1, &Subject::log_p);
  add_verb("sample", 1, &Subject::sample);
}

}  // namespace

void register_models() {
  register_model("small");
  register_model("middle");
}

}  // namespace glow::benchmarks
