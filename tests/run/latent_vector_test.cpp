#include "run/latent_vector.hpp"

#include <glow/core/warning.hpp>

#include "files.hpp"
#include "run/small_trainer.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

// A model of 8x8 grey images at two levels.
struct VectorModel {
  Checkpoint run;
  std::unique_ptr<AnyModel> model;

  explicit VectorModel(std::uint64_t seed = 1, const nlohmann::json& settings = nlohmann::json::object(),
                       Shape image = {8, 8, 1}) {
    nlohmann::json all{{"depth", 1}, {"levels", 2}, {"width", 4}};
    all.update(settings);
    run.config = config_from_json(all);
    run.image = image;
    run.description = description_of(run.config, image);
    model = make_model(run.description, "cpu", seed);
    run.state.tensors = model->saved().tensors;
  }

  LatentVector vector() const {
    Tensor<float> difference(model->batch_shape(1));
    fill_normal(difference.view(), Random{7, 0});
    return {"old", std::move(difference)};
  }
};

MemoryDataset random_images(Index count) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * 64));
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(Random{3, i}.words(0)[0] >> 24);
  return {{8, 8, 1}, std::move(pixels)};
}

// The latents of image i on level l.
std::span<const float> latent_at(const ImageNet& net, int l, const Tensor<float>& z, Index i) {
  const auto all = net.latent(l, z.view());
  const Index size = all.size() / all.batch();
  return {all.data() + i * size, static_cast<std::size_t>(size)};
}

double norm_of(std::span<const float> z) {
  double sum = 0;
  for (const float v : z) sum += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(sum);
}

std::string text_of_warnings(const std::function<void()>& fn) {
  std::string all;
  const auto before = on_warning([&](const std::string& text) { all += text; });
  fn();
  on_warning(before);
  return all;
}

}  // namespace

TEST_CASE("latent vector: the mean with less the mean without, the same bits for any batch") {
  const VectorModel m;
  const MemoryDataset data = random_images(9);
  const WithAndWithout of{{0, 3, 8}, {1, 2, 4, 5, 7}};
  const LatentVector v = latent_vector(*m.model, data, of, "old", 5, 2);
  CHECK(v.attribute == "old");
  REQUIRE(v.difference.shape() == Shape{1, 8, 8, 1});
  CHECK(same_bits(latent_vector(*m.model, data, of, "old", 5, 64).difference, v.difference));

  std::vector<std::uint8_t> pixels(9 * 64);
  for (Index i = 0; i < 9; ++i) data.load(i, pixels.data() + i * 64);
  Tensor<float> x(m.model->batch_shape(9));
  ops::centre_of_bins(pixels, 5, x.view());
  const Tensor<float> z = m.model->encode(x.view()).latents;
  Tensor<float> expected(m.model->batch_shape(1));
  for (int l = 1; l <= 2; ++l) {
    const auto to = ImageNet(m.model->architecture()).latent(l, expected.view());
    for (const Index i : of.with) {
      for (Index k = 0; k < to.size(); ++k)
        to[k] += latent_at(ImageNet(m.model->architecture()), l, z, i)[static_cast<std::size_t>(k)] / 3;
    }
    for (const Index i : of.without) {
      for (Index k = 0; k < to.size(); ++k)
        to[k] -= latent_at(ImageNet(m.model->architecture()), l, z, i)[static_cast<std::size_t>(k)] / 5;
    }
  }
  CHECK(difference(v.difference, expected) < 1e-6);
}

TEST_CASE("latent vector: images move in rows, on the chosen levels, and keep the norm of their latents") {
  const VectorModel m;
  const ImageNet net(m.model->architecture());
  const LatentVector v = m.vector();
  Tensor<float> z(m.model->batch_shape(3));
  fill_normal(z.view(), Random{8, 0});
  const std::vector<double> strengths{-2, 0, 0.5, 2};
  const Tensor<float> rows = moved(net, z, v, strengths, {2});
  REQUIRE(rows.shape() == Shape{12, 8, 8, 1});
  for (Index n = 0; n < 3; ++n) {
    for (Index s = 0; s < 4; ++s) {
      const auto still = latent_at(net, 1, rows, 4 * n + s), before = latent_at(net, 1, z, n);
      CHECK(std::equal(still.begin(), still.end(), before.begin(), before.end()));
      const auto to = latent_at(net, 2, rows, 4 * n + s), from = latent_at(net, 2, z, n),
                 by = latent_at(net, 2, v.difference, 0);
      CHECK(std::abs(norm_of(to) / norm_of(from) - 1) < 1e-6);
      const double strength = strengths[static_cast<std::size_t>(s)];
      std::vector<float> straight(from.begin(), from.end());
      for (std::size_t i = 0; i < straight.size(); ++i) straight[i] += static_cast<float>(strength) * by[i];
      const double scale = norm_of(from) / norm_of(straight);
      for (std::size_t i = 0; i < straight.size(); ++i)
        CHECK(std::abs(to[i] - scale * static_cast<double>(straight[i])) < 1e-5);
      if (strength == 0) CHECK(std::equal(to.begin(), to.end(), from.begin(), from.end()));
    }
  }
}

TEST_CASE("latent vector: a file gives back its bits") {
  const VectorModel m;
  const TemporaryFolder folder;
  LatentVector v = m.vector();
  v.attribute = "5 o'clock \xff \"shadow\"";
  save_vector(folder / "v", v, m.run);
  LatentVector again;
  CHECK(text_of_warnings([&] { again = open_vector(folder / "v", m.run); }).empty());
  CHECK(again.attribute == v.attribute);
  CHECK(same_bits(again.difference, v.difference));
  const std::string bytes = text_of(folder / "v");
  save_vector(folder / "v", again, m.run);  // a vector may replace one
  CHECK(text_of(folder / "v") == bytes);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"v"});
}

TEST_CASE("latent vector: that of another architecture is refused with what differs") {
  const VectorModel m;
  const TemporaryFolder folder;
  save_vector(folder / "v", m.vector(), m.run);
  const auto refusal = [&](const VectorModel& other) {
    return message_of<CheckpointError>([&] { open_vector(folder / "v", other.run); });
  };
  const std::string lead = "'" + (folder / "v").string() + "': a vector of a model ";
  CHECK(refusal(VectorModel(1, {{"depth", 2}})) == lead + "with depth 1, but this one has depth 2");
  CHECK(refusal(VectorModel(1, {{"levels", 1}})) == lead + "with levels 2, but this one has levels 1");
  CHECK(refusal(VectorModel(1, {{"width", 5}})) == lead + "with width 4, but this one has width 5");
  CHECK(refusal(VectorModel(1, {{"coupling", "exp"}})) ==
        lead + "with coupling \"affine\", but this one has coupling \"exp\"");
  CHECK(contains(refusal(VectorModel(1, {{"permutation", "reverse"}})), lead + "with permutation \"lu\""));
  CHECK(contains(refusal(VectorModel(1, {{"learn_top_prior", false}})), lead + "with learn_top_prior true"));
  CHECK(refusal(VectorModel(1, nlohmann::json::object(), {8, 8, 3})) ==
        lead + "of images 8x8x1, but this one is of images 8x8x3");
  const VectorModel other(2);
  CHECK(text_of_warnings([&] { open_vector(folder / "v", other.run); }) ==
        "'" + (folder / "v").string() +
            "': a vector of another model of this architecture, at step 0, while this one is at step 0");
  // What says how a model is computed makes it no other model.
  CHECK(refusal(VectorModel(1, {{"precision", "bf16"}})).empty());
}

TEST_CASE("latent vector: files that are no vectors are refused, and never replaced") {
  const VectorModel m;
  const TemporaryFolder folder;
  SmallTrainer().save(folder / "checkpoint");
  write_file_atomically(folder / "text", std::string("some notes"));
  for (const std::string name : {"checkpoint", "text"}) {
    const std::string bytes = text_of(folder / name), path = (folder / name).string();
    for (const std::string& message :
         {message_of<CheckpointError>([&] { open_vector(path, m.run); }),
          message_of<CheckpointError>([&] { save_vector(path, m.vector(), m.run); }),
          message_of<CheckpointError>([&] { check_replaceable(path); })})
      CHECK(contains(message, "'" + path + "'"));
    CHECK(text_of(path) == bytes);
  }
  CHECK(contains(message_of<CheckpointError>([&] { open_vector(folder / "checkpoint", m.run); }),
                 "is not a vector of glow manipulate: its format is 'glow-checkpoint-2'"));
  LatentVector v = m.vector();
  v.difference[6] = std::numeric_limits<float>::infinity();
  save_vector(folder / "v", v, m.run);
  CHECK(contains(message_of<CheckpointError>([&] { open_vector(folder / "v", m.run); }),
                 "tensor 'level1' holds numbers that are not finite"));
  CHECK(contains(message_of<FileError>([&] { open_vector(folder / "none", m.run); }), "none"));
}
