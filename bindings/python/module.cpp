// The compiled part of the Python module `glow`: AnyModel and AnyTrainer on NumPy arrays. What Python users
// see is in glow/*.py, which checks types and shapes of what it hands on.
#include <mutex>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <glow/ops/cpu/quantize.hpp>
#include <glow/runtime/any_trainer.hpp>
#include <glow/runtime/open.hpp>
#include <glow/saved/save.hpp>
#include <glow/version.hpp>

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using namespace glow;

template <class T>
using Given = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;
template <class T>
using Array = nb::ndarray<nb::numpy, T, nb::c_contig>;
using Labels = std::optional<Given<std::int64_t>>;
using Features = std::optional<Given<float>>;

template <class T>
Shape shape_of(const Given<T>& x) {
  Shape shape;
  for (std::size_t i = 0; i < x.ndim(); ++i) shape.push_back(static_cast<Index>(x.shape(i)));
  return shape;
}

template <class T>
View<const T> view_of(const Given<T>& x) {
  return {x.data(), shape_of(x)};
}

// The tensor's memory as an array, which owns it.
template <class T>
Array<T> array_of(Tensor<T>&& x) {
  auto* const kept = new Tensor<T>(std::move(x));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<Tensor<T>*>(p); });
  std::vector<std::size_t> shape;
  for (int i = 0; i < kept->shape().rank(); ++i) shape.push_back(static_cast<std::size_t>(kept->shape()[i]));
  return Array<T>(kept->data(), shape.size(), shape.data(), owner);
}
template <class T>
Array<T> array_of(std::vector<T>&& x, const Shape& as) {
  auto* const kept = new std::vector<T>(std::move(x));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  std::vector<std::size_t> shape;
  for (int i = 0; i < as.rank(); ++i) shape.push_back(static_cast<std::size_t>(as[i]));
  return Array<T>(kept->data(), shape.size(), shape.data(), owner);
}

std::span<const Index> labels_of(const Labels& labels) {
  static_assert(sizeof(Index) == sizeof(std::int64_t));
  if (!labels) return {};
  return {reinterpret_cast<const Index*>(labels->data()), labels->size()};
}

Context<float> context_of(const Labels& labels, const Features& features) {
  Context<float> context = with_labels(labels_of(labels));
  if (features) context.features = view_of(*features);
  return context;
}

std::vector<Index> extents(const Shape& shape) {
  std::vector<Index> all;
  for (int i = 0; i < shape.rank(); ++i) all.push_back(shape[i]);
  return all;
}

Shape shape_from(const std::vector<Index>& extents) {
  Shape shape;
  for (const Index e : extents) shape.push_back(e);
  return shape;
}

// A model, of which one thread at a time may call what is not const.
struct PyModel {
  std::unique_ptr<AnyModel> model;
  std::mutex mutex = {};

  explicit PyModel(std::unique_ptr<AnyModel> m) : model(std::move(m)) {}
};

// Work without the lock of the interpreter.
template <class F>
auto unlocked(F fn) {
  const nb::gil_scoped_release release;
  return fn();
}

// The training of a model, which lives as long.
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

nb::dict architecture_of(const AnyModel& model) {
  const Architecture& a = model.architecture();
  nb::dict d;
  d["levels"] = a.levels;
  d["depth"] = a.depth;
  d["width"] = a.width;
  d["learn_top_prior"] = a.learn_top_prior;
  d["precision"] = std::string(name_of(a.precision));
  d["coupling"] = std::string(name_of(a.coupling));
  d["permutation"] = std::string(name_of(a.permutation));
  d["context"] = nb::tuple(nb::cast(extents(a.context)));
  d["condition"] = std::string(name_of(a.conditional));
  d["classes"] = a.classes;
  d["embedding"] = a.embedding;
  return d;
}

std::unique_ptr<AnyModel> new_model(const std::vector<Index>& sample, int levels, int depth, Index width,
                                    bool learn_top_prior, const std::string& precision,
                                    const std::string& coupling, const std::string& permutation,
                                    const std::vector<Index>& context, const std::string& condition,
                                    Index classes, int bits, std::vector<std::string> class_names,
                                    std::uint64_t seed, const std::string& device) {
  ModelDescription d{.architecture = Architecture{.levels = levels,
                                                  .depth = depth,
                                                  .width = width,
                                                  .learn_top_prior = learn_top_prior,
                                                  .precision = precision_of(precision),
                                                  .coupling = coupling_map_of(coupling),
                                                  .permutation = permutation_kind_of(permutation),
                                                  .context = shape_from(context),
                                                  .conditional = conditional_of(condition),
                                                  .classes = classes},
                     .sample = shape_from(sample),
                     .domain = Continuous()};
  if (bits > 0) d.domain = Pixels{bits};
  d.class_names = std::move(class_names);
  return unlocked([&] { return make_model(d, device, seed); });
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

// The library's exceptions become those of glow/errors.py.
void translate(const std::exception_ptr& thrown, void*) {
  const auto raise = [](const char* name, const char* text) {
    PyErr_SetString(nb::module_::import_("glow.errors").attr(name).ptr(), text);
  };
  try {
    std::rethrow_exception(thrown);
  } catch (const ShapeError& e) {
    raise("ShapeError", e.what());
  } catch (const FileError& e) {
    raise("FileError", e.what());
  } catch (const CheckpointError& e) {
    raise("CheckpointError", e.what());
  } catch (const NumericError& e) {
    raise("NumericError", e.what());
  } catch (const CudaError& e) {
    raise("CudaError", e.what());
  } catch (const Error& e) {
    raise("Error", e.what());
  }
}

void bind_model(nb::module_& m) {
  nb::class_<PyModel>(m, "Model")
      .def("device", [](const PyModel& p) { return p.model->device(); })
      .def("device_name", [](const PyModel& p) { return p.model->device_name(); })
      .def("sample_shape", [](const PyModel& p) { return extents(p.model->sample_shape()); })
      .def("bits",
           [](const PyModel& p) { return p.model->domain().is_continuous() ? 0 : p.model->domain().bits(); })
      .def("class_names", [](const PyModel& p) { return p.model->description().class_names; })
      .def("parameter_count", [](const PyModel& p) { return p.model->parameter_count(); })
      .def("architecture", [](const PyModel& p) { return architecture_of(*p.model); })
      .def("latent_shapes",
           [](const PyModel& p) {
             std::vector<std::vector<Index>> all;
             const Tensor<float> one(p.model->batch_shape(1));
             for (int l = 1; l <= p.model->levels(); ++l)
               all.push_back(extents(p.model->latent(l, one.view()).shape()));
             return all;
           })
      .def("log_prob",
           [](const PyModel& p, const Given<float>& x, const Labels& labels, const Features& features) {
             return array_of(
                 unlocked([&] { return p.model->log_prob(view_of(x), context_of(labels, features)); }));
           })
      .def("gradient",
           [](PyModel& p, const Given<float>& x, const Labels& labels, const Features& features) {
             auto g = unlocked([&] {
               const std::lock_guard lock(p.mutex);
               return p.model->gradient(view_of(x), context_of(labels, features));
             });
             return nb::make_tuple(
                 array_of(std::move(g.log_p)), array_of(std::move(g.x)),
                 g.features.size() > 0 ? nb::cast(array_of(std::move(g.features))) : nb::none());
           })
      .def("encode",
           [](const PyModel& p, const Given<float>& x, const Labels& labels, const Features& features) {
             auto e = unlocked([&] { return p.model->encode(view_of(x), context_of(labels, features)); });
             return nb::make_tuple(array_of(std::move(e.latents)), array_of(std::move(e.logdet)),
                                   array_of(std::move(e.logpz)));
           })
      .def("decode",
           [](const PyModel& p, const Given<float>& z, const Labels& labels, const Features& features) {
             return array_of(
                 unlocked([&] { return p.model->decode(view_of(z), context_of(labels, features)); }));
           })
      .def("sample",
           [](const PyModel& p, Index n, float temperature, std::uint64_t seed, Index first,
              const Labels& labels, const Features& features) {
             return array_of(unlocked([&] {
               return p.model->sample(n, temperature, Random{seed, 0}, first, context_of(labels, features));
             }));
           })
      .def("sample_pixels",
           [](const PyModel& p, Index n, float temperature, std::uint64_t seed, Index first,
              const Labels& labels, const Features& features) {
             const Shape shape = p.model->batch_shape(n);
             auto pixels = unlocked([&] {
               Tensor<float> eps(shape);
               p.model->draw(eps.view(), Random{seed, 0}, first);
               return p.model->sample_pixels(eps.view(), temperature, context_of(labels, features));
             });
             return array_of(std::move(pixels), shape);
           })
      .def("bits_per_dim",
           [](const PyModel& p, const Given<std::uint8_t>& pixels, std::uint64_t seed, const Labels& labels) {
             auto bits = unlocked([&] {
               return p.model->bits_per_dim({pixels.data(), pixels.size()}, Random{seed, 0},
                                            labels_of(labels));
             });
             const Index n = static_cast<Index>(bits.size());
             return array_of(std::move(bits), {n});
           })
      .def("classify",
           [](const PyModel& p, const Given<float>& z) {
             auto found = unlocked([&] { return p.model->classify(view_of(z)); });
             const Index n = static_cast<Index>(found.size());
             return array_of(std::vector<std::int64_t>(found.begin(), found.end()), {n});
           })
      .def("tensors",
           [](const PyModel& p) {
             nb::dict all;
             for (auto& t : p.model->saved().tensors) all[t.name.c_str()] = array_of(std::move(t.value));
             return all;
           })
      .def("set_tensors",
           [](PyModel& p, const std::vector<std::pair<std::string, Given<float>>>& given) {
             std::vector<NamedTensor> tensors;
             for (const auto& [name, x] : given) tensors.push_back({name, Tensor<float>(view_of(x))});
             const std::lock_guard lock(p.mutex);
             p.model->set(tensors);
           })
      .def("save", [](const PyModel& p, const std::filesystem::path& path) { save(path, p.model->saved()); })
      .def("copy",
           [](const PyModel& p, const std::string& device, const std::optional<std::string>& precision) {
             std::optional<Precision> other;
             if (precision) other = precision_of(*precision);
             return new PyModel(unlocked([&] { return copy_of(*p.model, device, other); }));
           });
}

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
               t.trainer->submit({pixels.data(), pixels.size()}, labels_of(labels));
               return t.trainer->wait();
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
}

}  // namespace

NB_MODULE(_glow, m) {
  m.doc() = "The compiled part of glow; use the module glow.";
  m.attr("version") = std::string(version);
  nb::register_exception_translator(translate);
  bind_model(m);
  bind_trainer(m);
  m.def("open", [](const std::filesystem::path& path, const std::string& device, const std::string& weights) {
    return new PyModel(unlocked([&] { return open(path, device, weights_of(weights)); }));
  });
  m.def(
      "new_model",
      [](const std::vector<Index>& sample, int levels, int depth, Index width, bool learn_top_prior,
         const std::string& precision, const std::string& coupling, const std::string& permutation,
         const std::vector<Index>& context, const std::string& condition, Index classes, int bits,
         const std::vector<std::string>& class_names, std::uint64_t seed, const std::string& device) {
        return new PyModel(new_model(sample, levels, depth, width, learn_top_prior, precision, coupling,
                                     permutation, context, condition, classes, bits, class_names, seed,
                                     device));
      },
      nb::kw_only(), "sample"_a, "levels"_a, "depth"_a, "width"_a, "learn_top_prior"_a, "precision"_a,
      "coupling"_a, "permutation"_a, "context"_a, "condition"_a, "classes"_a, "bits"_a, "class_names"_a,
      "seed"_a, "device"_a);
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
  m.def("to_numbers", [](const Given<std::uint8_t>& pixels, int bits) {
    Tensor<float> x(shape_of(pixels));
    ops::centre_of_bins<float>({pixels.data(), pixels.size()}, bits, x.view());
    return array_of(std::move(x));
  });
  m.def("to_pixels", [](const Given<float>& x, int bits) {
    std::vector<std::uint8_t> pixels(x.size());
    ops::quantize<float>(view_of(x), bits, std::span(pixels));
    return array_of(std::move(pixels), shape_of(x));
  });
  m.def("threads", [] { return threads(); });
  m.def("set_threads", [](int n) { set_threads(n); });
}
