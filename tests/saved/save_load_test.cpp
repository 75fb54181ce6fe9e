// Models into files and back.
#include "files.hpp"
#include "program/child.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

template <class Map, class Net = ConvNet, Condition which = Condition::on_second_half>
using GlowBy = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Conv1x1, CouplingOf<Map, Net, which>>>>>;
using OfVectors = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<RationalQuadratic<8>, Mlp>>>>;

// A model without numbers left at their start.
template <class Net, class T = float>
Model<Net, T> shaken(const Architecture& a, const Shape& sample, Domain domain) {
  Model<Net, T> model(a, sample, std::move(domain), 5);
  const auto x = normal<T>(sample.samples(64), 1, T(0.3));
  const auto features = normal<T>(a.context.rank() == 0 ? Shape{0} : a.context.samples(64), 2);
  const std::vector<Index> classes(64, 1);
  Context<T> context;
  if (a.classes > 0) context.labels = View<const Index>(classes.data(), {64});
  if (a.context.rank() > 0) context.features = features;
  model.start(x.view(), context);
  shake(model.parameters(), T(0.1));
  model.changed();
  return model;
}

template <class Net, class T>
void check_same_model(const Model<Net, T>& a, const Model<Net, T>& b) {
  CHECK(a.sample_shape() == b.sample_shape());
  CHECK(a.domain().is_continuous() == b.domain().is_continuous());
  CHECK(a.domain().bins() == b.domain().bins());
  CHECK(same_bits<T>(a.parameters().values(), b.parameters().values()));
  const auto x = normal<T>(a.batch_shape(3), 9, T(0.3));
  if (a.net().context().rank() == 0) CHECK(same_bits(a.log_prob(x.view()), b.log_prob(x.view())));
}

constexpr Architecture two_levels{.levels = 2, .depth = 2, .width = 6, .learn_top_prior = true};

}  // namespace

TEST_CASE("save and load: a model comes back with the same bits") {
  const TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  const auto comes_back = [&]<class Net, class T>(const Model<Net, T>& model) {
    save(path, model);
    check_same_model(model, load<Net, T>(path));
  };
  SECTION("of images") { comes_back(shaken<Glow>(two_levels, {8, 8, 3}, Pixels{5})); }
  SECTION("in double") { comes_back(shaken<Glow, double>(two_levels, {8, 4, 1}, Pixels{8})); }
  SECTION("of images of continuous numbers") {
    comes_back(shaken<Glow>(two_levels, {8, 8, 1}, Continuous()));
  }
  SECTION("of vectors") { comes_back(shaken<OfVectors>({.levels = 1, .depth = 2}, Vector{3}, Continuous())); }
  SECTION("with a standardization that was given") {
    comes_back(shaken<OfVectors>({.levels = 1, .depth = 2}, Vector{2}, Continuous{{1, 2}, {3, 4}}));
  }
  SECTION("with features for a context") {
    Architecture a = two_levels;
    a.context = {4, 4, 2};
    comes_back(shaken<Glow>(a, {8, 8, 1}, Pixels{8}));
  }
  SECTION("with classes") {
    Architecture a = two_levels;
    a.classes = 3;
    a.embedding = 5;
    a.conditional = Conditional::priors;
    comes_back(shaken<Glow>(a, {8, 8, 1}, Pixels{8}));
  }
  SECTION("with all options of a network") {
    Architecture a = two_levels;
    a.network = {true, true, true};
    a.precision = Precision::bf16;
    comes_back(shaken<Glow>(a, {8, 8, 1}, Pixels{8}));
  }
  SECTION("whose coupling and permutation are chosen at run time") {
    using Net = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, AnyPermutation, AnyCoupling>>>>;
    Architecture a = two_levels;
    a.coupling = CouplingMap::spline;
    a.permutation = PermutationKind::reverse;
    comes_back(shaken<Net>(a, {8, 8, 1}, Pixels{8}));
  }
  SECTION("whose couplings read the first half") {
    comes_back(shaken<GlowBy<Additive, ConvNet, Condition::on_first_half>>(two_levels, {8, 8, 1}, Pixels{8}));
  }
}

TEST_CASE("save and load: numbers are converted to those of the model") {
  const TemporaryFolder folder;
  const auto model = shaken<Glow>(two_levels, {8, 8, 3}, Pixels{5});
  save(folder / "a", model);
  const auto in_double = load<Glow, double>(folder / "a");
  const auto x = normal<double>(model.batch_shape(2), 3, 0.3);
  Tensor<float> rounded(x.shape());
  std::transform(x.begin(), x.end(), rounded.begin(), [](double v) { return static_cast<float>(v); });
  const auto a = in_double.log_prob(x.view());
  const auto b = model.log_prob(rounded.view());
  for (Index i = 0; i < 2; ++i) CHECK(std::abs(a[i] - static_cast<double>(b[i])) < 1e-4 * std::abs(a[i]));
  save(folder / "b", in_double);
  check_same_model(load<Glow>(folder / "b"), model);
}

TEST_CASE("save and load: a net that was made of its parts is loaded into another") {
  const TemporaryFolder folder;
  const auto made = [] {
    return Glow(1, Level(Squeeze(), Repeat<Step>(2, Step(ActNorm(), Conv1x1(), Coupling(4)))));
  };
  const Model<Glow> model(made(), {4, 4, 1}, 3);
  save(folder / "a", model);
  check_same_model(load_as(ModelFile::open(folder / "a"), made()), model);
  CHECK(contains(message_of<CheckpointError>([&] { load<Glow>(folder / "a"); }),
                 "a': its net was made of its parts, not from an Architecture; give it to load_as"));
}

TEST_CASE("save and resume: training goes on with the bits of an unbroken run") {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> pixels(8 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 37 % 251);
  TrainOptions options{.average = 0.9};
  options.schedule = {.kind = ScheduleKind::step, .every = 2};
  Model<Glow> model(two_levels, Shape{8, 8, 1});
  Trainer<Glow> trainer(model, options);
  trainer.start(pixels);
  for (int i = 0; i < 3; ++i) trainer.step(pixels);
  save(folder / "a", model, trainer);
  for (int i = 0; i < 3; ++i) trainer.step(pixels);

  Model<Glow> other(two_levels, Shape{8, 8, 1}, std::nullopt);
  Trainer<Glow> goes_on(other, options);
  resume(folder / "a", goes_on);
  CHECK(goes_on.steps() == 3);
  for (int i = 0; i < 3; ++i) goes_on.step(pixels);
  CHECK(same_bits<float>(other.parameters().values(), model.parameters().values()));
  save(folder / "b", model, trainer);
  save(folder / "c", other, goes_on);
  CHECK(text_of(folder / "b") == text_of(folder / "c"));

  SECTION("and a model alone has the average, unless the last step's weights are asked for") {
    const auto raw = load<Glow>(folder / "b", Weights::raw), averaged = load<Glow>(folder / "b");
    CHECK(same_bits<float>(raw.parameters().values(), model.parameters().values()));
    trainer.use_average(true);
    CHECK(same_bits<float>(averaged.parameters().values(), model.parameters().values()));
  }
  SECTION("and the file is the same where the average is in use, during which nothing is resumed") {
    goes_on.use_average(true);
    save(folder / "d", other, goes_on);
    CHECK(text_of(folder / "d") == text_of(folder / "b"));
    CHECK(contains(message_of([&] { resume(folder / "b", goes_on); }),
                   "set_state: the model has the average of its parameters; call use_average(false) first"));
    Trainer<Glow> new_one(other, options);
    new_one.use_average(true);  // which before the first step is the parameters
    save(folder / "e", other, new_one);
    new_one.use_average(false);
    save(folder / "f", other, new_one);
    CHECK(text_of(folder / "e") == text_of(folder / "f"));
  }
  SECTION("which a trainer without an average refuses, and nothing has changed") {
    const auto before = tensors_of(other);
    Trainer<Glow> without(other, {});
    CHECK(contains(message_of<CheckpointError>([&] { resume(folder / "b", without); }),
                   "b': there is an average of the weights, and the trainer has none; its average (ema) must "
                   "be that of the file's training"));
    for (std::size_t i = 0; i < before.size(); ++i)
      CHECK(same_bits(before[i].value, tensors_of(other)[i].value));
  }
}

TEST_CASE("save: numbers that are not finite are refused, and nothing is written") {
  const TemporaryFolder folder;
  auto model = shaken<Glow>(two_levels, {8, 8, 1}, Pixels{8});
  save(folder / "a", model);
  const std::string before = text_of(folder / "a");
  model.parameters().values()[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(message_of<NumericError>([&] { save(folder / "a", model); }),
                 "'level1/step1/actnorm/log_scale' holds numbers that are not finite"));
  CHECK(text_of(folder / "a") == before);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"a"});
}

TEST_CASE("load: a file of another net is refused, by what differs") {
  const TemporaryFolder folder;
  const auto path = folder / "a";
  const std::string lead = "'" + path.string() + "': ";
  save(path, shaken<Glow>(two_levels, {8, 8, 1}, Pixels{8}));
  CHECK(message_of<CheckpointError>([&] { load<GlowBy<Additive>>(path); }) ==
        lead + "tensor 'level1/step1/coupling/conv3/kernel' has shape 3x3x6x4, but 3x3x6x2 is needed");
  CHECK(message_of<CheckpointError>([&] { load<GlowBy<ExpAffine>>(path); }) ==
        lead + "its couplings are 'affine', those of this net are 'exp'");
  CHECK(message_of<CheckpointError>([&] {
          load<GlowBy<SigmoidAffine, ConvNet, Condition::on_first_half>>(path);
        }) == lead + "its couplings read the second half of the channels, those of this net the first");
  CHECK(message_of<CheckpointError>([&] { load<OfVectors>(path); }) ==
        lead + "Coupling at level 1: 1 channel cannot be split in two (input is 1x8x8x1)");
  Model<Glow> model(two_levels, Shape{4, 4, 1});
  Trainer<Glow> trainer(model, {});
  CHECK(contains(message_of<CheckpointError>([&] { resume(path, trainer); }),
                 lead + "its samples are 8x8x1, those of this model 4x4x1"));
}

TEST_CASE("load: types of numbers are converted, and those that are none are refused") {
  const TemporaryFolder folder;
  const auto path = folder / "a";
  const auto model = shaken<Glow>(two_levels, {8, 8, 1}, Pixels{8});
  save(path, model);
  const std::string whole = text_of(path);
  // The biases of the first layer, 4 numbers, as others of fewer bytes.
  const auto rewritten = [&](const std::string& dtype, std::string bytes) {
    std::string text = whole;
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), 8);
    std::string header = text.substr(8, length), data = text.substr(8 + length);
    const std::string name = "level1/step1/actnorm/bias";
    const auto at = header.find("\"" + name + "\"");
    const std::size_t first = header.find("F32", at);
    header.replace(first, 3, dtype);
    // All offsets after the tensor, the first of the file, move.
    const std::size_t lost = 16 - bytes.size();
    std::string moved;
    for (std::size_t i = 0; i < header.size();) {
      const std::string key = "\"data_offsets\":[";
      if (header.compare(i, key.size(), key) != 0) {
        moved += header[i++];
        continue;
      }
      char* end = nullptr;
      i += key.size();
      const unsigned long begin = std::strtoul(header.c_str() + i, &end, 10);
      const unsigned long stop = std::strtoul(end + 1, &end, 10);
      moved += key + std::to_string(begin == 0 ? 0 : begin - lost) + "," + std::to_string(stop - lost);
      i = static_cast<std::size_t>(end - header.c_str());
    }
    const std::uint64_t size = moved.size();
    std::string file(reinterpret_cast<const char*>(&size), 8);
    write_file_atomically(path, file + moved + bytes + data.substr(16));
  };
  const auto bias = [&] {
    const auto loaded = load<Glow>(path);
    const auto& e = loaded.parameters().entry("level1/step1/actnorm/bias");
    return std::vector<float>(e.value.begin(), e.value.end());
  };
  SECTION("F16") {
    rewritten("F16", std::string("\x00\x3C\x00\xC0\x01\x00\x00\x7B", 8));
    CHECK(bias() == std::vector<float>{1, -2, std::ldexp(1.0f, -24), 57344});
  }
  SECTION("BF16") {
    rewritten("BF16", std::string("\x80\x3F\x00\xC0\x00\x00\x40\x40", 8));
    CHECK(bias() == std::vector<float>{1, -2, 0, 3});
  }
  SECTION("F16 that is not finite") {
    rewritten("F16", std::string("\x00\x7C\x00\x00\x00\x00\x00\x00", 8));
    CHECK(contains(message_of<CheckpointError>([&] { bias(); }), "number 0 is inf; it must be finite"));
  }
  SECTION("I8") {
    rewritten("I8", std::string(4, '\1'));
    CHECK(message_of<CheckpointError>([&] { bias(); }) ==
          "'" + path.string() +
              "': tensor 'level1/step1/actnorm/bias' is of type I8; F32, F64, F16, BF16, I64, "
              "I32 and U8 can be read");
  }
}
