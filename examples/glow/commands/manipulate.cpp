#include <algorithm>
#include <iomanip>
#include <iostream>
#include <numeric>

#include <glow/core/warning.hpp>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "commands/settings.hpp"
#include "commands/suggestion.hpp"
#include "data/digit_classes.hpp"
#include "image/caption.hpp"
#include "run/decode_finite.hpp"
#include "run/folders.hpp"
#include "run/latent_vector.hpp"
#include "run/load_images.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

constexpr Index default_rows = 8;

struct ManipulateArguments {
  RunArgument run;
  std::string out, device = "auto";
  WantedImages wanted{.data = "", .split = "", .own_split = "train"};
  std::string attributes, attribute, vector, save;
  std::vector<std::string> of;
  std::vector<int> levels;  // all if empty
  Index images = 2000;
  Index count = 9;
  double strength = 2;
};

// What is given by --of: an image of the data by its number, or else a file.
std::optional<Index> image_number(const std::string& of) { return from_decimal<Index>(of); }

bool needs_data(const ManipulateArguments& a) {
  return a.vector.empty() || a.of.empty() ||
         std::any_of(a.of.begin(), a.of.end(), [](const std::string& of) { return image_number(of); });
}

std::vector<int> levels_of(const ManipulateArguments& a, int levels) {
  std::vector<int> all(static_cast<std::size_t>(levels));
  std::iota(all.begin(), all.end(), 1);
  for (const int level : a.levels)
    require(level <= levels, "--levels: ", level, " must be 1 to ", levels, ", the levels of this model");
  return a.levels.empty() ? all : a.levels;
}

// From -strength to strength, with 0 in the middle of an odd count.
std::vector<double> strengths_of(const ManipulateArguments& a) {
  std::vector<double> all;
  for (Index i = 0; i < a.count; ++i)
    all.push_back(a.strength * static_cast<double>(2 * i - (a.count - 1)) / static_cast<double>(a.count - 1));
  return all;
}

std::string short_text(double strength) {
  std::ostringstream text;
  text << std::setprecision(3) << strength;
  return text.str();
}

std::vector<std::uint8_t> pixels_of_file(const std::string& file, const Checkpoint& run) {
  try {
    return read_picture(file, run.image, run.config.picture_options().most_pixels).pixels;
  } catch (const PictureError& e) {
    throw FileError(join("--of: '", file, "' cannot be decoded: ", e.what()));
  }
}

std::vector<std::uint8_t> pixels_of_number(Index number, const ImagesOfRun& images) {
  const Index size = images.data->size();
  require(number >= 0 && number < size, "--of: ", number, " must be 0 to ", size - 1, ", an image of ",
          images.place);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images.data->shape().size()));
  require<FileError>(images.data->load(number, pixels.data()), "--of: ", images.data->failure(number));
  return pixels;
}

// The class of an image of the data, or of a picture file, of which none is known.
Index label_of(const std::string& of, const Checkpoint& run, const std::optional<ImagesOfRun>& images) {
  if (const auto number = image_number(of)) return images->data->label(*number);
  require(run.config.condition == "priors", "--of: '", of,
          "' has no class, which this model needs; give an image of the data by its number");
  return 0;  // latents do not depend on it
}

// The images to move. By default they are the first that the vector is not made of, where it is made of the
// images to train on, else the first of all.
ModelImages images_to_move(const ManipulateArguments& a, const Checkpoint& run,
                           const std::optional<ImagesOfRun>& images) {
  std::vector<std::uint8_t> pixels;
  std::vector<Index> labels;
  for (const std::string& of : a.of) {
    const auto number = image_number(of);
    const auto more = number ? pixels_of_number(*number, *images) : pixels_of_file(of, run);
    pixels.insert(pixels.end(), more.begin(), more.end());
    if (run.config.classes) labels.push_back(label_of(of, run, images));
  }
  if (a.of.empty()) {
    const Index all = images->data->size(), behind = images->first + images->count;
    const Index first = images->split == "train" && behind < all ? behind : images->first;
    LoadedImages loaded = load_first(*images->data, first, all - first, default_rows);
    require<FileError>(!loaded.indices.empty(), "data: none of ", all - first, " images can be decoded");
    pixels = std::move(loaded.pixels);
    labels = std::move(loaded.labels);
  }
  return {from_pixels(pixels, run.image, run.config.bits), std::move(labels)};
}

Attributes attributes_of(const ManipulateArguments& a, const ImagesOfRun& images) {
  if (!a.attributes.empty()) return read_attributes(a.attributes);
  require(images.place == "digits", "--attributes FILE is needed: a table that says which images of '",
          images.place, "' have '", a.attribute, "'");
  return digit_classes();
}

Index column_of(const std::string& attribute, const Attributes& table) {
  const auto at = std::find(table.names.begin(), table.names.end(), attribute);
  if (at != table.names.end()) return at - table.names.begin();
  throw Error(join("--attribute: '", attribute, "' is not in ", table.place,
                   did_you_mean_or_all(attribute, table.names)));
}

// At most `images` of them, half on each side where there are as many.
void limit(WithAndWithout& of, Index images) {
  const Index with = static_cast<Index>(of.with.size()), without = static_cast<Index>(of.without.size());
  of.with.resize(static_cast<std::size_t>(std::min(with, std::max(images / 2, images - without))));
  of.without.resize(static_cast<std::size_t>(std::min(without, images - static_cast<Index>(of.with.size()))));
}

LatentVector compute_vector(const ManipulateArguments& a, const Checkpoint& run, const ImagesOfRun& images,
                            const AnyModel& model) {
  const Attributes table = attributes_of(a, images);
  WithAndWithout of = with_attribute(table, column_of(a.attribute, table), *images.data, images.place,
                                     images.first, images.count);
  limit(of, a.images);
  std::cout << "vector of '" << a.attribute << "': " << of.with.size() << " images with it, "
            << of.without.size() << " without (" << images.split << " of " << images.source() << ")\n";
  const Index batch = std::min(run.config.batch, static_cast<Index>(of.with.size() + of.without.size()));
  return latent_vector(model, *images.data, of, a.attribute, run.config.bits, batch);
}

void check_arguments(const ManipulateArguments& a, const CLI::App& command) {
  require<UsageError>(!a.attribute.empty() || !a.vector.empty(),
                      "--attribute NAME is needed, or --vector FILE");
  if (a.vector.empty()) return;
  for (const char* option : {"--attribute", "--attributes", "--images", "--save"})
    require<UsageError>(command.get_option(option)->count() == 0, option,
                        " does not go with --vector, which has been computed before");
}

std::string file_name(const std::string& attribute) {
  std::string name = "manipulation_" + attribute + ".png";
  for (char& c : name) {
    if (c == '/' || static_cast<unsigned char>(c) < ' ') c = '_';
  }
  return name;
}

void run_manipulate(const ManipulateArguments& a) {
  const Checkpoint run = a.run.open();
  const std::vector<int> levels = levels_of(a, run.config.levels);
  std::optional<ImagesOfRun> images;
  if (needs_data(a)) images = images_of(run, a.wanted);
  const auto [x, labels] = images_to_move(a, run, images);
  const Index count = x.batch() * a.count;
  const char* const option = "--count times the images of --of";
  const std::string device = resolve_device(a.device);
  require_grid(option, count, run.image, a.count);
  require_memory(run.config, run.image, device, option, count, a.count);
  require_memory(run.config, run.image, device, "batch", std::min(run.config.batch, a.images), 0);
  if (!a.save.empty()) {
    check_replaceable(a.save);
    make_folder(std::filesystem::absolute(a.save).parent_path());
  }
  const auto model = run.model(a.device);
  const LatentVector vector =
      a.vector.empty() ? compute_vector(a, run, *images, *model) : open_vector(a.vector, run);
  if (!a.save.empty()) save_vector(a.save, vector, run);

  const std::vector<double> strengths = strengths_of(a);
  const auto latents = moved(ImageNet(model->architecture()),
                             model->encode(x.view(), with_labels(labels)).latents, vector, strengths, levels);
  std::vector<Index> of_rows;
  for (const Index label : labels) of_rows.insert(of_rows.end(), strengths.size(), label);
  Tensor<float> rows(latents.shape());
  const Index lost = decode_finite(*model, latents.view(), of_rows, rows.view());
  require<NumericError>(lost < count, "none of the ", count, " images comes out finite");
  if (lost > 0)
    warn(lost, " of ", count, " images do not come out finite and are left grey; take a smaller --strength");

  Picture grid = to_grid(rows.view(), run.config.bits, a.count);
  std::vector<std::string> texts;
  for (const double s : strengths) texts.push_back(short_text(s));
  add_column_captions(grid, grid_layout(count, run.image, a.count), texts);
  std::string of_levels;
  if (!a.levels.empty()) {
    for (const int level : levels) of_levels += join(of_levels.empty() ? ", levels " : ", ", level);
  }
  add_caption(grid, join("strength of '", vector.attribute, "'", of_levels));
  const auto file = picture_folder(run.path, a.out) / file_name(vector.attribute);
  write_png(file, grid);
  std::cout << file.string() << '\n';
}

}  // namespace

void add_manipulate(CLI::App& app, int&) {
  CLI::App* command =
      app.add_subcommand("manipulate", "give images more or less of an attribute, in the latents");
  auto a = std::make_shared<ManipulateArguments>();
  add_run(*command, a->run);
  add_text(*command, "--attribute", "NAME",
           "attribute to move along: the mean latents of images with it less those of images without it",
           a->attribute);
  add_text(
      *command, "--attributes", "FILE",
      "which images have it: CelebA's list_attr_celeba.txt, a CSV file with a header file,NAME,... and 0 "
      "or 1, or IDX labels; default: the classes 0 to 9 of the digits",
      a->attributes);
  add_images(*command, a->wanted);
  add_number(*command, "--images", "N", "images to take the means of, half with the attribute if there are",
             Range{2, most_images}, a->images);
  add_text(*command, "--save", "FILE", "write the vector to this safetensors file", a->save);
  add_text(*command, "--vector", "FILE", "take the vector from such a file", a->vector);
  add_texts(
      *command, "--of", "IMAGE",
      "images to move, one or several, a row each: picture files, or numbers of images of the data, from 0; "
      "default: the first 8 to validate on, or of other data",
      a->of);
  add_number(*command, "--strength", "A", "columns go from -A to A, where 1 is the difference of the means",
             Range{.above = true}, a->strength);
  add_number(*command, "--count", "N", "columns", Range{2, most_images}, a->count);
  add_text(*command, "--levels", "L,...", "levels whose latents are moved, 1 the finest; default: all",
           [a](const std::string& list) {
             a->levels = numbers_of<int>("--levels", list, Range{1, range_of("levels").most});
           });
  add_text(*command, "--out", "DIR", "folder for the picture; the run's by default", a->out);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer(
      "Examples:\n  glow manipulate runs/digits --attribute 3\n"
      "  glow manipulate runs/photos --attributes list_attr_celeba.txt --attribute Smiling --save smile\n"
      "  glow manipulate runs/photos --vector smile --of me.jpg you.jpg --strength 1.5 --levels 2,3\n"
      "Writes manipulation_NAME.png. --split says which images the means are taken of.");
  command->callback([a, command] {
    check_arguments(*a, *command);
    run_manipulate(*a);
  });
}

}  // namespace glow::app
