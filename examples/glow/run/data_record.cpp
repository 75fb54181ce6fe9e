#include "run/data_record.hpp"

#include <filesystem>
#include <unordered_map>
#include <unordered_set>

#include <glow/core/error.hpp>

#include "data/hash.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

using Json = nlohmann::json;

constexpr const char* contents = "contents";
constexpr const char* names_and_sizes = "names and sizes";

bool known_by_name(const Dataset& data) { return data.size() > 0 && !data.file(0).empty(); }

std::unordered_set<std::int64_t> all_trained_on(const DataRecord& r) {
  std::unordered_set<std::int64_t> all(r.earlier.begin(), r.earlier.end());
  all.insert(r.images.begin(), r.images.begin() + r.train);
  return all;
}

}  // namespace

std::uint64_t DataRecord::hash() const { return hash_of(std::as_bytes(std::span(images))); }

Index DataRecord::trained_on(std::span<const std::int64_t> these) const {
  const auto trained = all_trained_on(*this);
  return std::count_if(these.begin(), these.end(),
                       [&](std::int64_t image) { return trained.count(image) == 1; });
}

void remember(DataRecord& record, const DataRecord& before) {
  auto all = all_trained_on(before);
  for (Index i = 0; i < record.train; ++i) all.erase(record.images[static_cast<std::size_t>(i)]);
  record.earlier.assign(all.begin(), all.end());
  std::sort(record.earlier.begin(), record.earlier.end());
}

std::string place_of(const std::string& given) {
  if (given == "digits") return given;
  return std::filesystem::absolute(given).lexically_normal().string();
}

DataRecord record_of(const Dataset& data, const std::string& given, Index train) {
  const Fingerprint of = suitable_fingerprint(data);
  return {given, place_of(given), of, known_by_name(data), train, data.key(train - 1), fingerprints(data, of),
          {}};
}

Json to_json(const DataRecord& r) {
  return {{"data", to_utf8(r.given)},
          {"place", to_utf8(r.place)},
          {"images", r.images.size()},
          {"train", r.train},
          {"split_by", r.by_name ? "name" : "position"},
          {"last_train_key", hash_text(r.last_train_key)},
          {"hash", hash_text(r.hash())},
          {"hash_of", r.fingerprint == Fingerprint::contents ? contents : names_and_sizes}};
}

DataRecord record_from_json(const Json& json, std::vector<std::int64_t> images,
                            std::vector<std::int64_t> earlier) {
  DataRecord r;
  try {
    r.given = from_utf8(json.at("data").get<std::string>());
    r.place = from_utf8(json.at("place").get<std::string>());
    r.train = json.at("train").get<Index>();
    r.by_name = json.at("split_by").get<std::string>() == "name";
    r.last_train_key = std::stoull(json.at("last_train_key").get<std::string>(), nullptr, 16);
    r.fingerprint = json.at("hash_of").get<std::string>() == contents ? Fingerprint::contents
                                                                      : Fingerprint::names_and_sizes;
    r.images = std::move(images);
    r.earlier = std::move(earlier);
    require<CheckpointError>(json.at("hash").get<std::string>() == hash_text(r.hash()),
                             "its record of the data does not fit its list of images");
  } catch (const Json::exception& e) {
    throw CheckpointError(join("its record of the data is damaged: ", e.what()));
  } catch (const std::logic_error&) {  // of stoull
    throw CheckpointError("its record of the data is damaged: 'last_train_key' is not a hexadecimal number");
  }
  require<CheckpointError>(r.train >= 1 && r.train < static_cast<Index>(r.images.size()),
                           "its record of the data has ", r.train, " of ", r.images.size(),
                           " images to train on");
  return r;
}

Json described(const DataRecord& record, const Dataset& data, const std::string& place) {
  Json json = to_json(record);
  for (Index i = 0; i < (data.classes().empty() ? 0 : record.train); ++i) {
    Json& count = json["train_classes"][to_utf8(data.classes()[static_cast<std::size_t>(data.label(i))])];
    count = count.is_null() ? 1 : count.get<Index>() + 1;
  }
  if (!record.by_name) return json;
  Json train = Json::array(), validation = Json::array();
  for (Index i = 0; i < data.size(); ++i)
    (i < record.train ? train : validation)
        .push_back(to_utf8(data.file(i).lexically_proximate(place).string()));
  json["train_names"] = std::move(train);
  json["validation_names"] = std::move(validation);
  return json;
}

DataStanding::DataStanding(const DataRecord& record, const Dataset& data)
    : record_(record), images_(fingerprints(data, record.fingerprint)), by_name_(known_by_name(data)) {
  while (train_by_key_ < data.size() && data.key(train_by_key_) <= record.last_train_key) ++train_by_key_;
  std::unordered_map<std::int64_t, Index> then;
  for (const std::int64_t image : record.images) ++then[image];
  for (const std::int64_t image : images_) {
    if (const auto it = then.find(image); it != then.end() && it->second > 0) {
      --it->second;
    } else {
      ++added_;
    }
  }
  missing_ = static_cast<Index>(record.images.size()) - (static_cast<Index>(images_.size()) - added_);
}

std::string DataStanding::word() const { return same() ? "same" : grown() ? "grown" : "different"; }

std::string DataStanding::change() const {
  if (same()) return "";
  const std::size_t then = record_.images.size(), now = images_.size();
  if (grown()) return join("have grown since training, from ", then, " images to ", now);
  if (missing_ == 0) return "have other names or another order than in training";
  return join("differ from those of training: ", missing_, " of ", then, " images are gone or changed, ",
              added_, " of today's ", now, " are new");
}

Index DataStanding::train(Index otherwise) const {
  if (by_name_ != record_.by_name) return otherwise;
  return by_name_ || same() || grown() ? train_by_key_ : otherwise;
}

Index DataStanding::trained_on(Index first, Index count) const {
  return record_.trained_on(
      std::span(images_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
}

}  // namespace glow::app
