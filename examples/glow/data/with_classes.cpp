#include "data/with_classes.hpp"

#include <map>
#include <set>

#include <glow/data/cifar10.hpp>
#include <glow/data/idx.hpp>

#include "data/embedded_digits.hpp"
#include "data/idx_files.hpp"
#include "data/open_dataset.hpp"
#include "data/shard_files.hpp"

namespace glow::app {

namespace {

namespace fs = std::filesystem;

// A class for each image, and the names of all classes.
struct Classes {
  std::vector<Index> labels;
  std::vector<std::string> names;
};

// Every label that occurs is a class.
template <class Labels>
Classes classes_of_labels(const Labels& labels) {
  Classes c;
  std::map<Index, Index> number_of;
  for (const Index label : std::set<Index>(labels.begin(), labels.end())) {
    number_of[label] = static_cast<Index>(c.names.size());
    c.names.push_back(std::to_string(label));
  }
  for (const Index label : labels) c.labels.push_back(number_of[label]);
  return c;
}

Classes classes_of_shards(const Dataset& images) {
  std::vector<Index> labels;
  for (Index i = 0; i < images.size(); ++i) {
    labels.push_back(images.label(i));
    if (labels.back() < 0)
      throw FileError(
          join("classes: '", images.name(i),
               "' has no class; beside KEY.jpg each sample needs KEY.cls, with a whole number from 0"));
  }
  return classes_of_labels(labels);
}

Classes classes_of_folders(const Dataset& images, const fs::path& folder) {
  std::vector<std::string> folder_of;
  Index loose = -1;  // a picture in no sub-folder
  for (Index i = 0; i < images.size(); ++i) {
    const fs::path inside = images.file(i).lexically_relative(folder);
    const bool in_one = std::distance(inside.begin(), inside.end()) > 1;
    if (!in_one) loose = i;
    folder_of.push_back(in_one ? inside.begin()->string() : "");
  }
  const std::set<std::string> names(folder_of.begin(), folder_of.end());
  require<FileError>(loose < 0 || names.size() > 1, "classes: '", folder.string(),
                     "' has no sub-folders with pictures; each class needs one");
  require<FileError>(loose < 0, "classes: '", loose < 0 ? "" : images.name(loose),
                     "' lies in no sub-folder of '", folder.string(),
                     "'; each class needs one, and no picture may lie beside them");
  Classes c{{}, {names.begin(), names.end()}};
  for (const std::string& name : folder_of)
    c.labels.push_back(std::distance(names.begin(), names.find(name)));
  return c;
}

Classes find_classes(const Dataset& images, const std::string& data) {
  if (data == "digits") return classes_of_labels(read_idx_labels(embedded_digit_labels(), "digits"));
  if (is_shards(data)) return classes_of_shards(images);
  if (is_picture_folder(data)) return classes_of_folders(images, data);
  if (is_cifar10(data)) return {read_cifar10_labels(data), {cifar10_classes.begin(), cifar10_classes.end()}};
  return classes_of_labels(read_idx_labels_of(data));
}

// The same in the order of the known classes.
Classes among(const std::vector<std::string>& known, const Classes& c, const std::string& data) {
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  std::vector<Index> number_of;
  for (const std::string& name : c.names) {
    const auto at = std::find(known.begin(), known.end(), name);
    require(at != known.end(), "classes: '", data, "' has a class '", name,
            "', which this model does not know; it knows ", all);
    number_of.push_back(at - known.begin());
  }
  Classes found{{}, known};
  for (const Index label : c.labels) found.labels.push_back(number_of[static_cast<std::size_t>(label)]);
  return found;
}

}  // namespace

std::unique_ptr<Dataset> with_classes(std::unique_ptr<Dataset> images, const std::string& data,
                                      const std::vector<std::string>& known) {
  Classes c = find_classes(*images, data);
  require<FileError>(static_cast<Index>(c.labels.size()) == images->size(), "classes: ", c.labels.size(),
                     " labels for the ", images->size(), " images of '", data, "'");
  if (known.empty()) {
    require(c.names.size() >= 2, "classes: '", data, "' has one class alone, '", c.names.front(),
            "'; at least two are needed");
  } else {
    c = among(known, c, data);
  }
  return std::make_unique<LabelledDataset>(std::move(images), std::move(c.labels), std::move(c.names));
}

}  // namespace glow::app
