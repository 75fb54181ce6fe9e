// Files of each format that there was. Those in this folder are kept for ever.
#include <glow/runtime/nets.hpp>
#include <glow/runtime/open.hpp>

#include "places.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

const std::filesystem::path format_1 = source_folder() / "tests/saved/format_1.safetensors";

}  // namespace

TEST_CASE("formats: a file of format 1 is read as it was") {
  const ModelFile file = ModelFile::open(format_1);
  const ModelDescription& d = file.description();
  REQUIRE(d.architecture);
  CHECK(d.architecture->levels == 2);
  CHECK(d.architecture->depth == 1);
  CHECK(d.architecture->width == 4);
  CHECK(d.architecture->learn_top_prior);
  CHECK(d.architecture->coupling == CouplingMap::exp);
  CHECK(d.architecture->permutation == PermutationKind::shuffle);
  CHECK(d.architecture->conditional == Conditional::all);
  CHECK(d.architecture->classes == 10);
  CHECK(d.sample == Shape{8, 8, 1});
  CHECK(d.domain.bits() == 4);
  const TrainingState state = read_state(file);
  CHECK(state.steps == 3);
  CHECK(state.averages.size() > 0);

  const auto model = load<ImageNet>(format_1, Weights::raw);
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::derived) continue;
    const auto in_file = file.tensors().read<float>(e.name);
    CHECK(same_bits<float>(e.value, in_file.view()));
  }
}

TEST_CASE("formats: the program judges a file of format 1 as the program that wrote it") {
  const TemporaryFolder folder;
  const Outcome o = glow::test::run_glow({"evaluate", format_1.string(), "--json"}, folder.path());
  INFO(o.err);
  REQUIRE(o.status == 0);
  const auto json = nlohmann::json::parse(o.out);
  CHECK(json.at("images") == 1697);
  CHECK(std::abs(json.at("bits_per_dim").get<double>() - 4.543637057829538) < 1e-6);
  CHECK(std::abs(json.at("accuracy").get<double>() - 0.2451384796700059) < 1e-3);
}
