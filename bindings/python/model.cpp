#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>

#include <glow/runtime/open.hpp>
#include <glow/saved/save.hpp>

#include "parts.hpp"

namespace glow::python {

namespace {

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
                                    Index embedding, std::uint64_t seed, const std::string& device) {
  ModelDescription d{.architecture = Architecture{.levels = levels,
                                                  .depth = depth,
                                                  .width = width,
                                                  .learn_top_prior = learn_top_prior,
                                                  .precision = precision_of(precision),
                                                  .coupling = coupling_map_of(coupling),
                                                  .permutation = permutation_kind_of(permutation),
                                                  .context = shape_from(context),
                                                  .conditional = conditional_of(condition),
                                                  .classes = classes,
                                                  .embedding = embedding},
                     .sample = shape_from(sample),
                     .domain = Continuous()};
  if (bits > 0) d.domain = Pixels{bits};
  d.class_names = std::move(class_names);
  return unlocked([&] { return make_model(d, device, seed); });
}

void bind_making(nb::module_& m) {
  using namespace nb::literals;
  m.def("open", [](const std::filesystem::path& path, const std::string& device, const std::string& weights) {
    return new PyModel(unlocked([&] { return open(path, device, weights_of(weights)); }));
  });
  m.def(
      "new_model",
      [](const std::vector<Index>& sample, int levels, int depth, Index width, bool learn_top_prior,
         const std::string& precision, const std::string& coupling, const std::string& permutation,
         const std::vector<Index>& context, const std::string& condition, Index classes, int bits,
         const std::vector<std::string>& class_names, Index embedding, std::uint64_t seed,
         const std::string& device) {
        return new PyModel(new_model(sample, levels, depth, width, learn_top_prior, precision, coupling,
                                     permutation, context, condition, classes, bits, class_names, embedding,
                                     seed, device));
      },
      nb::kw_only(), "sample"_a, "levels"_a, "depth"_a, "width"_a, "learn_top_prior"_a, "precision"_a,
      "coupling"_a, "permutation"_a, "context"_a, "condition"_a, "classes"_a, "bits"_a, "class_names"_a,
      "embedding"_a, "seed"_a, "device"_a);
}

}  // namespace

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
               return p.model->sample(n, temperature, random_of_samples(seed), first,
                                      context_of(labels, features));
             }));
           })
      .def("sample_pixels",
           [](const PyModel& p, Index n, float temperature, std::uint64_t seed, Index first,
              const Labels& labels, const Features& features) {
             const Shape shape = p.model->batch_shape(n);
             auto pixels = unlocked([&] {
               return p.model->sample_pixels(n, temperature, random_of_samples(seed), first,
                                             context_of(labels, features));
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
  bind_making(m);
}

}  // namespace glow::python
