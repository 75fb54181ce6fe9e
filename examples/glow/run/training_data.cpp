#include "run/training_data.hpp"

#include "data/with_classes.hpp"

namespace glow::app {

namespace {

TrainingData new_data(const Config& config) {
  TrainingData d;
  d.images = open_dataset(config.data, config.image_size(), config.channels, config.picture_options());
  if (config.classes) d.images = with_classes(std::move(d.images), config.data);
  d.train = config.train_images(d.images->size());
  d.record = record_of(*d.images, config.data, d.train);
  d.described = described(*d.record, *d.images, config.data);
  const auto validation = std::span(d.record->images).subspan(static_cast<std::size_t>(d.train));
  if (const Index twins = d.record->trained_on(validation); twins > 0)
    d.warning = join("hold ", twins, " images to validate on, of ", validation.size(),
                     ", that are the same as ", "images to train on");
  return d;
}

}  // namespace

std::string place_of_data(const Checkpoint& run) {
  if (!run.data) return run.config.data;
  const std::string& place = run.data->place;
  if (data_exist(place)) return place;
  require<FileError>(data_exist(run.config.data), "data: the run was trained on '", place,
                     "', which does not exist; give its new place with --data");
  return run.config.data;
}

TrainingData open_training_data(const Config& config, const Checkpoint* from) {
  if (from == nullptr) return new_data(config);
  const bool moved = config.data != from->config.data;
  const std::string place = moved ? config.data : place_of_data(*from);
  TrainingData d;
  d.position = from->position;
  if (!from->data) {
    d.images =
        open_dataset_for(from->image, place, config.channels, config.picture_options(FolderOrder::shuffled));
    d.train = config.train_images(d.images->size());
    d.position.offset = std::min(d.position.offset, d.train);
    return d;
  }
  d.images = open_dataset_for(from->image, place, config.channels, config.picture_options());
  if (config.classes) d.images = with_classes(std::move(d.images), place, config.class_names);
  const DataStanding standing(*from->data, *d.images);
  const Index on_the_same_side = standing.train(0), all = d.images->size();
  const bool split_anew = on_the_same_side == 0 || on_the_same_side == all;
  d.train = split_anew ? config.train_images(all) : on_the_same_side;
  d.record = record_of(*d.images, place, d.train);
  if (place == from->data->place) d.record->given = from->data->given;
  // Images that are yet to come may lie between the last one to train on and the border, which stays.
  if (d.record->by_name && !split_anew) d.record->last_train_key = from->data->last_train_key;
  remember(*d.record, *from->data);
  d.described = described(*d.record, *d.images, place);
  d.same = standing.same();
  d.warning = standing.change();
  if (const Index seen = standing.trained_on(d.train, all - d.train); seen > 0 && !d.warning.empty())
    d.warning += join("; ", seen, " of the ", all - d.train, " images to validate on were trained on");
  d.position.offset = std::min(d.position.offset, d.train);
  return d;
}

}  // namespace glow::app
