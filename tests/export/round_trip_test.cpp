// Models that are exported to flax and PyTorch, and imported again.
#include "export/small_model.hpp"
#include "files.hpp"
#include "foreign/exported_model.hpp"
#include "foreign/write_flax.hpp"
#include "foreign/write_torch.hpp"

using namespace glow;
using namespace glow::test;

namespace {

using Export = void (*)(const std::filesystem::path&, const std::vector<NamedTensor>&,
                        const foreign::Metadata&);
constexpr Export flax_and_torch[] = {foreign::write_flax, foreign::write_torch};

std::vector<SavedModel> models_of_many_kinds() {
  Architecture small{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true}, classes = small,
                                                                                    options = small;
  classes.classes = 3;
  classes.coupling = CouplingMap::spline;
  classes.permutation = PermutationKind::shuffle;
  options.network = {true, true, true};
  options.conditional = Conditional::priors;
  options.context = {5};
  std::vector<SavedModel> models;
  models.push_back(saved_image_model(small, {8, 4, 3}));
  models.push_back(saved_image_model(classes, {4, 4, 1}));
  models.back().description.class_names = {"null", "één", "2"};
  models.push_back(saved_image_model(options, {4, 8, 2}, Continuous{{0.5, 0.25}, {1, 2}}));
  return models;
}

}  // namespace

TEST_CASE("export: a model that comes back is the same file, bit for bit") {
  const TemporaryFolder folder;
  for (const SavedModel& model : models_of_many_kinds()) {
    save(folder / "model.safetensors", model);
    for (const Export write : flax_and_torch) {
      write(folder / "exported", model.tensors, foreign::metadata_of(model.description));
      const foreign::File file = foreign::read_foreign(folder / "exported");
      CHECK(is_exported_model(file));
      save(folder / "again.safetensors", import_exported_model(file));
      CHECK(text_of(folder / "again.safetensors") == text_of(folder / "model.safetensors"));
    }
  }
}

TEST_CASE("export: what comes back is checked as a model file is") {
  const TemporaryFolder folder;
  const SavedModel model = std::move(models_of_many_kinds()[0]);
  for (const Export write : flax_and_torch) {
    const auto refusal = [&](auto change) {
      auto tensors = model.tensors;
      auto metadata = foreign::metadata_of(model.description);
      change(tensors, metadata);
      write(folder / "exported", tensors, metadata);
      const foreign::File file = foreign::read_foreign(folder / "exported");
      return message_of<CheckpointError>([&] { import_exported_model(file); });
    };
    const std::string name = model.tensors[2].name;
    CHECK(contains(refusal([](auto& tensors, auto&) { tensors.erase(tensors.begin() + 2); }),
                   "'" + name + "'"));
    CHECK(contains(refusal([](auto& tensors, auto&) { tensors[2].value = Tensor<float>(Shape{3}); }),
                   "'" + name + "' has shape 3, but "));
    CHECK(
        contains(refusal([](auto& tensors, auto&) { tensors[2].name = "level1/other"; }), "'" + name + "'"));
    CHECK(contains(refusal([](auto&, auto& metadata) { metadata["model.depth"] = "many"; }), "'many'"));
    CHECK(contains(refusal([](auto&, auto& metadata) { metadata["format"] = "glow-checkpoint-9"; }),
                   "9, is newer"));
  }
}

TEST_CASE("export: tensors that share numbers take no more memory than the file has") {
  const TemporaryFolder folder;
  const SavedModel model = std::move(models_of_many_kinds()[0]);
  foreign::write_torch(folder / "exported", model.tensors, foreign::metadata_of(model.description));
  foreign::File file = foreign::read_foreign(folder / "exported");
  file.arrays.push_back(file.arrays.back());
  CHECK(contains(message_of<CheckpointError>([&] { import_exported_model(file); }),
                 "exported': "));  // a name twice
  file.arrays.pop_back();
  for (int i = 0; i < 1000; ++i) {
    file.arrays.push_back(file.arrays.back());
    file.arrays.back().name += "x";
  }
  CHECK(contains(message_of<CheckpointError>([&] { import_exported_model(file); }),
                 "the tensors share numbers"));
}

TEST_CASE("export: a file without texts is none of ours") {
  const TemporaryFolder folder;
  for (const Export write : flax_and_torch) {
    write(folder / "exported", two_tensors(), {{"key", "value"}});
    CHECK(!is_exported_model(foreign::read_foreign(folder / "exported")));
  }
}
