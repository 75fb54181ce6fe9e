#include "commands/images_of_run.hpp"

#include <iostream>

#include "run/evaluate.hpp"
#include "run/training_data.hpp"

namespace glow::app {

namespace {

// "train", "val" or "all".
std::string split_of(const WantedImages& wanted) {
  const std::string& split = wanted.split;
  if (split.empty()) return wanted.data.empty() ? "val" : "all";
  require(split == "train" || split == "val" || split == "validation" || split == "all", "--split: '", split,
          "' is none of train, val (or validation), all");
  return split == "validation" ? "val" : split;
}

void warn(const ImagesOfRun& images, const std::string& of_all, const std::string& of_these) {
  if (!of_all.empty()) std::cerr << "glow: warning: the data '" << images.place << "' " << of_all << '\n';
  if (!of_these.empty()) std::cerr << "glow: warning: " << of_these << '\n';
}

// Colour becomes grey for a grey model, which is said where nobody asked for it.
void warn_of_colour(const Checkpoint& run, const ImagesOfRun& images) {
  if (run.image[2] != 1 || run.config.channels != 0 || images.data->file(0).empty()) return;
  const ImageSize size{run.image[0], run.image[1]};
  if (!all_grey(*open_dataset(images.place, size, 3)))
    std::cerr << "glow: warning: '" << images.place
              << "' has pictures in colour, which are made grey for this "
              << "model\n";
}

}  // namespace

void add_images(CLI::App& command, WantedImages& wanted) {
  command
      .add_option("--data", wanted.data, "other images than the run's; all of them, unless --split is given")
      ->type_name("PATH");
  command
      .add_option(
          "--split", wanted.split,
          "train, val (the images that were not trained on) or all; val of the run's own data by default")
      ->type_name("SPLIT");
}

std::string ImagesOfRun::source() const {
  if (standing == "same") return place + ", the data of training";
  if (standing == "grown") return place + ", grown since training";
  if (standing == "different") return place + ", not the data of training";
  return place;
}

ImagesOfRun images_of(const Checkpoint& run, const WantedImages& wanted) {
  const bool own = wanted.data.empty();
  ImagesOfRun images;
  images.split = split_of(wanted);
  images.place = own ? place_of_data(run) : wanted.data;
  images.standing = "unknown";
  images.data = open_dataset_for(run.image, images.place, run.config.channels,
                                 run.data ? FolderOrder::by_name : FolderOrder::shuffled);
  if (!own) warn_of_colour(run, images);

  std::optional<DataStanding> standing;
  if (run.data) {
    standing.emplace(*run.data, *images.data);
    images.standing = standing->word();
  }
  const Index all = images.data->size();
  if (images.split != "all") {
    Index train = standing ? standing->train(-1) : -1;
    if (train < 0) train = run.config.train_images(all);
    images.first = images.split == "val" ? train : 0;
    images.count = images.split == "val" ? all - train : train;
    require(images.count > 0, "--split: none of the ", all, " images of '", images.place, "' is in '",
            images.split, "'");
  } else {
    images.count = all;
  }

  if (!standing) {
    warn(images, own ? "may have changed since training: this run has no record of them" : "", "");
    return images;
  }
  images.trained_on = standing->trained_on(images.first, images.count);
  const bool unasked = images.trained_on > 0 && images.split != "train";
  warn(images, own ? standing->change() : "",
       unasked ? join(images.trained_on, " of these ", images.count, " images were trained on") : "");
  return images;
}

Tensor<float> first_images(const Checkpoint& run, const ImagesOfRun& images, Index most) {
  const auto pixels = load_pixels(*images.data, images.first, images.count, most);
  require<FileError>(!pixels.empty(), "data: none of ", images.count, " images can be decoded");
  const Index n = static_cast<Index>(pixels.size()) / run.image.size();
  Tensor<float> x(Shape{n, run.image[0], run.image[1], run.image[2]});
  ops::centre_of_bins(pixels, run.config.bits, x.view());
  return x;
}

}  // namespace glow::app
