// What a step of training is made of, on all threads.
#include "model/log_p_flops.hpp"
#include "model/no_zeros.hpp"
#include "ops/registered.hpp"

namespace glow::benchmarks {
namespace {

// A model with all that a step of training needs, and a batch of noise.
class StepCase {
 public:
  explicit StepCase(const Setting& s)
      : model_(s.architecture, s.image),
        trainer_(model_, options_),
        kept_(options_.activations, options_.activation_budget),
        x_(model_.batch_shape(s.batch)),
        work_(x_.shape()),
        entered_(model_.input_shape(s.batch)),
        logdet_(Shape{s.batch}),
        logpz_(Shape{s.batch}),
        norm_(Shape{1}) {
    fill_normal(x_.view(), Random{1, 1});
    fill_zeros(model_.parameters());
    model_.changed();
    model_.start(x_.view());
    gradient();
  }

  void forward() {
    model_.enter(x_.view(), entered_.view());
    model_.forward_into(entered_.view(), work_.view(), logdet_.view(), logpz_.view(), kept_);
  }
  void gradient() {
    copy(x_.view(), work_.view());
    trainer_.loss_gradient(work_.view());
  }
  void norm() { ops::norm(View<const float>(model_.parameters().gradient()), norm_.view()); }
  // A rate so small that any number of steps leaves the model as it is.
  void adam() {
    trainer_.optimizer().step(model_.parameters().values(), model_.parameters().gradient(), 1e-30);
  }
  void pack() { model_.changed(); }

 private:
  TrainOptions options_;
  Model<Glow> model_;
  Trainer<Glow> trainer_;
  KeptGroups<Cpu> kept_;
  Tensor<float> x_, work_, entered_, logdet_, logpz_;
  Tensor<double> norm_;
};

// Bytes of the model's numbers of a role.
double bytes_of(const Model<Glow>& model, Role role) {
  double bytes = 0;
  for (const auto& entry : model.parameters().entries()) {
    if (entry.role == role) bytes += static_cast<double>(entry.value.size()) * sizeof(float);
  }
  return bytes;
}

void register_step(const std::string& name) {
  const Setting s = setting_of(name);
  const Model<Glow> model(s.architecture, s.image);
  const double images = static_cast<double>(s.batch), flops = images * log_p_flops(model);
  const double parameters = bytes_of(model, Role::trainable), packed = bytes_of(model, Role::derived);
  const auto add_part = [&](const std::string& part, const Work& work, void (StepCase::*run)()) {
    add("step/" + part + "/" + name, work, [s, run] {
      const auto step = std::make_shared<StepCase>(s);
      return [step, run] { ((*step).*run)(); };
    });
  };
  add_part("forward", {.flops = flops, .images = images}, &StepCase::forward);
  add_part("forward_backward", {.flops = 3 * flops, .images = images}, &StepCase::gradient);
  add_part("norm", {.bytes = parameters}, &StepCase::norm);
  add_part("adam", {.bytes = 7 * parameters}, &StepCase::adam);
  add_part("pack", {.bytes = parameters + packed}, &StepCase::pack);
}

}  // namespace

void register_steps() {
  register_step("small");
  register_step("middle");
}

}  // namespace glow::benchmarks
