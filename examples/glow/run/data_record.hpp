// What a run was trained on, and how data of today stand to it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <glow/data/dataset.hpp>

#include "data/fingerprints.hpp"

namespace glow::app {

/// The data of a run as they were when it was trained.
struct DataRecord {
  std::string given;                 ///< the text of --data
  std::string place;                 ///< the same as an absolute path; "digits" for the bundled set
  Fingerprint fingerprint = {};      ///< what `images` are made of
  bool by_name = false;              ///< images are known by the names of their files, else by position
  Index train = 0;                   ///< images that were trained on: the first ones
  std::uint64_t last_train_key = 0;  ///< Dataset::key of the last of these
  std::vector<std::int64_t> images;  ///< fingerprints of all images in the order of the dataset
  std::vector<std::int64_t>
      earlier;  ///< of images trained on before the data changed, which they no longer hold

  /// A hash of all images in their order.
  std::uint64_t hash() const;
  /// How many of `these` images were trained on, by their fingerprints.
  Index trained_on(std::span<const std::int64_t> these) const;
};

/// The record of a run on `data`, whose first `train` images are trained on.
DataRecord record_of(const Dataset& data, const std::string& given, Index train);

/// Adds to `record` what was trained on by `before`, the record of the same run before its data changed.
void remember(DataRecord& record, const DataRecord& before);

/// The absolute path that the text of --data stands for.
std::string place_of(const std::string& given);

/// All of a record but its fingerprints, for checkpoints and for people.
nlohmann::json to_json(const DataRecord& record);

/// The record of that JSON and these fingerprints. Throws CheckpointError if they do not belong together.
DataRecord record_from_json(const nlohmann::json& json, std::vector<std::int64_t> images,
                            std::vector<std::int64_t> earlier = {});

/// The record with the names of its images, which were opened at `place`, and how many images of each class
/// are trained on, as a run's data.json has it.
nlohmann::json described(const DataRecord& record, const Dataset& data, const std::string& place);

/// Data of today beside a record.
class DataStanding {
 public:
  DataStanding(const DataRecord& record, const Dataset& data);

  /// The same images in the same order.
  bool same() const { return images_ == record_.images; }
  /// All images of the record and others.
  bool grown() const { return missing_ == 0 && added_ > 0; }
  /// "same", "grown" or "different".
  std::string word() const;
  /// How the data changed, as a sentence without its subject's name: "have grown since training, from 20
  /// images to 21"; "" if they are the same.
  std::string change() const;

  /// How many of the data's first images are on the side of the record's training images; `otherwise` where
  /// the record cannot tell, as for other images that are known by their positions.
  Index train(Index otherwise) const;
  /// How many of the images first ... first + count - 1 were trained on, by their fingerprints.
  Index trained_on(Index first, Index count) const;

 private:
  DataRecord record_;
  std::vector<std::int64_t> images_;  // of today
  bool by_name_;
  Index train_by_key_ = 0;
  Index missing_ = 0, added_ = 0;
};

}  // namespace glow::app
