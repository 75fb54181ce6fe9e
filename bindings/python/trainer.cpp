#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <glow/runtime/read_model.hpp>
#include <glow/saved/save.hpp>

#include "parts.hpp"

namespace glow::python {

namespace {

nb::dict as_dict(const StepResult& r) {
  nb::dict d;
  d["step"] = r.step;
  d["bits_per_dim"] = r.bits_per_dim;
  d["nats"] = r.nats;
  d["gradient_norm"] = r.gradient_norm;
  d["learning_rate"] = r.learning_rate;
  d["taken"] = r.taken;
  d["accuracy"] = r.accuracy;
  return d;
}

TrainOptions train_options(double lr, Index warmup_steps, const std::string& optimizer, double weight_decay,
                           const std::string& schedule, Index steps, double lr_last, Index lr_every,
                           double lr_factor, double clip_norm, double clip_value, double ema,
                           Index accumulate, std::uint64_t seed) {
  TrainOptions o{.learning_rate = lr, .warmup_steps = warmup_steps, .seed = seed};
  o.adam.variant = adam_variant_of(optimizer);
  o.adam.weight_decay = weight_decay;
  o.schedule = {schedule_kind_of(schedule), steps, lr_last, lr_every, lr_factor};
  o.clip_norm = clip_norm;
  o.clip_value = clip_value;
  o.average = ema;
  o.parts = accumulate;
  return o;
}

}  // namespace

void bind_trainer(nb::module_& m) {
  nb::class_<PyTrainer>(m, "Trainer")
      .def("start",
           [](PyTrainer& t, const Given<std::uint8_t>& pixels, const Labels& labels) {
             t.locked([&] { t.trainer->start({pixels.data(), pixels.size()}, labels_of(labels)); });
           })
      .def("start_on",
           [](PyTrainer& t, const Given<float>& x, const Labels& labels, const Features& features) {
             t.locked([&] { t.trainer->start_on(view_of(x), context_of(labels, features)); });
           })
      .def("step",
           [](PyTrainer& t, const Given<std::uint8_t>& pixels, const Labels& labels) {
             return as_dict(t.locked([&] {
               return t.trainer->step({pixels.data(), pixels.size()}, labels_of(labels));
             }));
           })
      .def("step_on",
           [](PyTrainer& t, const Given<float>& x, const Labels& labels, const Features& features) {
             return as_dict(
                 t.locked([&] { return t.trainer->step_on(view_of(x), context_of(labels, features)); }));
           })
      .def("steps", [](const PyTrainer& t) { return t.trainer->steps(); })
      .def("start_images", [](const PyTrainer& t) { return t.trainer->start_images(); })
      .def("use_average", [](PyTrainer& t, bool use) { t.locked([&] { t.trainer->use_average(use); }); })
      .def("save",
           [](PyTrainer& t, const std::filesystem::path& path) {
             t.locked([&] { save(path, t.of.model->description(), t.trainer->state()); });
           })
      .def("resume", [](PyTrainer& t, const std::filesystem::path& path) {
        t.locked([&] {
          const ModelFile file = ModelFile::open(path);
          const TrainingState state = read_state(file);
          detail::reading(path, [&] { t.trainer->set_state(state); });
        });
      });
  using namespace nb::literals;
  m.def(
      "new_trainer",
      [](PyModel& model, double lr, Index warmup_steps, const std::string& optimizer, double weight_decay,
         const std::string& schedule, Index steps, double lr_last, Index lr_every, double lr_factor,
         double clip_norm, double clip_value, double ema, Index accumulate, std::uint64_t seed) {
        return new PyTrainer(
            model, train_options(lr, warmup_steps, optimizer, weight_decay, schedule, steps, lr_last,
                                 lr_every, lr_factor, clip_norm, clip_value, ema, accumulate, seed));
      },
      nb::keep_alive<0, 1>(), "model"_a, nb::kw_only(), "lr"_a, "warmup_steps"_a, "optimizer"_a,
      "weight_decay"_a, "schedule"_a, "steps"_a, "lr_last"_a, "lr_every"_a, "lr_factor"_a, "clip_norm"_a,
      "clip_value"_a, "ema"_a, "accumulate"_a, "seed"_a);
}

}  // namespace glow::python
