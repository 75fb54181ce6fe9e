#include "foreign/write_npz.hpp"

#include <glow/data/npy.hpp>

#include "export/small_model.hpp"
#include "export/stored_entries.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("npz: tensors are arrays of float32 and the metadata texts of UTF-32") {
  const TemporaryFolder folder;
  foreign::write_npz(folder / "x.npz", two_tensors(),
                     {{"model.levels", "2"}, {"model.network", ""}, {"name", "é€𝄞"}});
  auto entries = stored_entries(text_of(folder / "x.npz"));
  CHECK(entries.size() == 5);
  CHECK(read_npy(entries.at("level1/kernel.npy"), "kernel").rows[2] == 0.75F);
  CHECK(contains(entries.at("level1/actnorm/bias.npy"),
                 "'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"));
  CHECK(entries.at("level1/actnorm/bias.npy").substr(128) == memory_of_floats({0.25F, 0.5F}));
  CHECK(contains(entries.at("glow/model.levels.npy"),
                 "'descr': '<U1', 'fortran_order': False, 'shape': (), }"));
  CHECK(entries.at("glow/model.levels.npy").substr(128) == std::string("2\0\0\0", 4));
  CHECK(entries.at("glow/model.network.npy").substr(128) == std::string(4, '\0'));
  CHECK(entries.at("glow/name.npy").substr(128) == std::string("\xE9\0\0\0\xAC\x20\0\0\x1E\xD1\x01\0", 12));
}

TEST_CASE("npz: every tensor of a model is there") {
  const TemporaryFolder folder;
  const SavedModel model =
      saved_image_model({.levels = 2, .depth = 1, .width = 4, .learn_top_prior = true}, {8, 4, 1});
  const auto metadata = foreign::metadata_of(model.description);
  CHECK(metadata.at("format") == "glow-checkpoint-2");
  CHECK(metadata.at("model.sample") == "8x4x1");
  foreign::write_npz(folder / "x.npz", model.tensors, metadata);
  auto entries = stored_entries(text_of(folder / "x.npz"));
  CHECK(entries.size() == model.tensors.size() + metadata.size());
  for (const NamedTensor& t : model.tensors) {
    const std::string& array = entries.at(t.name + ".npy");
    CHECK(array.substr(128) == memory_of_floats({t.value.begin(), t.value.end()}));
  }
}
