// A dataset of files in an order that each file's name decides.
#pragma once

#include <memory>
#include <vector>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// The images of a folder in the order of the hashes of their names, relative to the folder. The order is as
/// good as a shuffle, the same on every machine, and one that further files do not change: they only come in
/// between. So the images up to a key, and those beyond it, stay what they are when the folder grows.
class OrderedByName : public Dataset {
 public:
  /// `files`, each of whose images is a file below `folder`.
  OrderedByName(std::unique_ptr<Dataset> files, const std::filesystem::path& folder);

  Index size() const override { return files_->size(); }
  Shape shape() const override { return files_->shape(); }
  bool load(Index i, std::uint8_t* out) const override { return files_->load(at(i), out); }
  std::string name(Index i) const override { return files_->name(at(i)); }
  std::filesystem::path file(Index i) const override { return files_->file(at(i)); }
  std::string failure(Index i) const override { return files_->failure(at(i)); }
  bool slow() const override { return files_->slow(); }
  /// The hash of its name.
  std::uint64_t key(Index i) const override { return order_[static_cast<std::size_t>(i)].key; }

 private:
  struct Place {
    std::uint64_t key;
    Index at;
    auto operator<=>(const Place&) const = default;
  };
  Index at(Index i) const { return order_[static_cast<std::size_t>(i)].at; }

  std::unique_ptr<Dataset> files_;
  std::vector<Place> order_;
};

}  // namespace glow::app
