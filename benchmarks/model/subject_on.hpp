// SubjectOn<D>: the subject of one device, by the library's own model and trainer.
#pragma once

#include <algorithm>
#include <cmath>

#include "model/log_p_flops.hpp"
#include "model/no_zeros.hpp"
#include "model/subject.hpp"

namespace glow::benchmarks {

/// A model on device D after its data-dependent start, without zeros among its weights.
template <class D>
class SubjectOn : public Subject {
 public:
  SubjectOn(std::string device, const Setting& s, const TrainOptions& options)
      : device_(std::move(device)),
        model_(s.architecture, s.image),
        trainer_(model_, options),
        images_(model_.batch_shape(s.batch)),
        eps_(images_.shape()),
        work_(images_.shape()),
        logdet_(Shape{s.batch}),
        logpz_(Shape{s.batch}) {
    Tensor<float> x(images_.shape());
    fill_uniform(x.view(), Random{1, 0});
    for (float& v : x) v -= 0.5f;
    transfer(View<const float>(x), images_.view());
    fill_normal(eps_.view(), Random{1, 1});
    fill_zeros(model_.parameters());
    model_.changed();
    model_.start(images_.view());
  }

  std::string device() const override { return device_; }
  Index batch() const override { return images_.batch(); }
  Index parameter_count() const override { return model_.parameters().values().size(); }
  double flops() const override { return log_p_flops(model_); }

  void train() override {
    require(trainer_.step_on(images_.view()).taken, "training: the loss is not finite");
  }
  void log_p() override {
    copy(images_, work_.view());
    clear(logdet_.view());
    clear(logpz_.view());
    model_.forward(work_.view(), logdet_.view(), logpz_.view());
  }
  void sample() override {
    copy(eps_, work_.view());
    model_.sample_from(work_.view(), 0.7f);
  }

  void check() const override {
    Tensor<float> x(work_.shape());
    transfer(View<const float, D>(work_), x.view());
    require(std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); }),
            "the results are not finite");
  }

 protected:
  Model<Glow, float, D>& model() { return model_; }
  Trainer<Glow, float, D>& trainer() { return trainer_; }

 private:
  std::string device_;
  Model<Glow, float, D> model_;
  Trainer<Glow, float, D> trainer_;
  Tensor<float, D> images_, eps_, work_, logdet_, logpz_;
};

}  // namespace glow::benchmarks
