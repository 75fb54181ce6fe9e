#include "commands/images_of_run.hpp"

#include <glow/core/warning.hpp>

#include "commands/options.hpp"
#include "data/with_classes.hpp"
#include "run/load_images.hpp"
#include "run/pictures.hpp"
#include "run/training_data.hpp"

namespace glow::app {

namespace {

// "train", "val" or "all".
std::string split_of(const WantedImages& wanted) {
  if (!wanted.split.empty()) return wanted.split;
  return wanted.data.empty() ? wanted.own_split : "all";
}

// Colour becomes grey for a grey model, which is said where nobody asked for it.
void warn_of_colour(const Checkpoint& run, const ImagesOfRun& images) {
  if (run.image[2] != 1 || run.config.channels != 0 || !are_pictures(images.place)) return;
  const ImageSize size{run.image[0], run.image[1]};
  if (!all_grey(*open_dataset(images.place, size, 3, run.config.picture_options())))
    warn("'" + images.place + "' has pictures in colour, which are made grey for this model");
}

}  // namespace

void add_images(CLI::App& command, WantedImages& wanted) {
  add_text(command, "--data", "PATH", "other images than the run's; all of them, unless --split is given",
           wanted.data);
  add_word(command, "--split", "SPLIT",
           "train, val (the images that were not trained on) or all; default: " + wanted.own_split +
               " of the run's own data, all of other data",
           {"train", "val", "validation", "all"},
           [&wanted](const std::string& split) { wanted.split = split == "validation" ? "val" : split; });
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
  images.data =
      open_dataset_for(run.image, images.place, run.config.channels,
                       run.config.picture_options(run.data ? FolderOrder::by_name : FolderOrder::shuffled));
  if (run.config.classes)
    images.data = with_classes(std::move(images.data), images.place, run.config.class_names);
  if (!own) warn_of_colour(run, images);

  std::optional<DataStanding> standing;
  const std::string lead = "the data '" + images.place + "' ";
  if (run.data) {
    standing.emplace(*run.data, *images.data);
    images.standing = standing->word();
    if (own && !standing->same()) warn(lead + standing->change());
  } else if (own) {
    warn(lead + "may have changed since training: this run has no record of them");
  }
  const Index all = images.data->size();
  images.count = all;
  if (images.split != "all") {
    Index train = standing ? standing->train(-1) : -1;
    if (train < 0) train = run.config.train_images(all);
    images.first = images.split == "val" ? train : 0;
    images.count = images.split == "val" ? all - train : train;
    require(images.count > 0, "--split: none of the ", all, " images of '", images.place, "' is in '",
            images.split, "'");
  }
  if (standing) images.trained_on = standing->trained_on(images.first, images.count);
  if (images.trained_on > 0 && images.split != "train")
    warn(images.trained_on, " of these ", images.count, " images were trained on");
  return images;
}

ModelImages first_images(const Checkpoint& run, const ImagesOfRun& images, Index most) {
  LoadedImages loaded = load_first(*images.data, images.first, images.count, most);
  require<FileError>(!loaded.indices.empty(), "data: none of ", images.count, " images can be decoded");
  return {from_pixels(loaded.pixels, run.image, run.config.bits), std::move(loaded.labels)};
}

}  // namespace glow::app
