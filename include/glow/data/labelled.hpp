// A dataset whose images have classes.
#pragma once

#include <memory>

#include <glow/data/dataset.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The images of another dataset, each with a class.
class LabelledDataset : public Dataset {
 public:
  /// labels[i] is the number in `classes` of image i's class. Throws Error, naming the count or the image,
  /// unless there is a label for each image and each is one of 0 ... classes.size() - 1.
  LabelledDataset(std::unique_ptr<Dataset> data, std::vector<Index> labels, std::vector<std::string> classes)
      : data_(std::move(data)), labels_(std::move(labels)), classes_(std::move(classes)) {
    require(static_cast<Index>(labels_.size()) == data_->size(), "LabelledDataset: ", labels_.size(),
            " labels for ", data_->size(), " images");
    for (Index i = 0; i < size(); ++i)
      require(label(i) >= 0 && label(i) < static_cast<Index>(classes_.size()), "LabelledDataset: label ",
              label(i), " of ", name(i), " is not one of 0 to ", static_cast<Index>(classes_.size()) - 1);
  }

  Index size() const override { return data_->size(); }
  Shape shape() const override { return data_->shape(); }
  bool load(Index i, std::uint8_t* out) const override { return data_->load(i, out); }
  std::string name(Index i) const override { return data_->name(i); }
  std::uint64_t key(Index i) const override { return data_->key(i); }
  std::filesystem::path file(Index i) const override { return data_->file(i); }
  ArchivedFile archived(Index i) const override { return data_->archived(i); }
  std::span<const Index> shards() const override { return data_->shards(); }
  void will_need(std::span<const Index> images) const override { data_->will_need(images); }
  std::string failure(Index i) const override { return data_->failure(i); }
  bool slow() const override { return data_->slow(); }
  std::span<const std::string> classes() const override { return classes_; }
  Index label(Index i) const override { return labels_[static_cast<std::size_t>(i)]; }

 private:
  std::unique_ptr<Dataset> data_;
  std::vector<Index> labels_;
  std::vector<std::string> classes_;
};

}  // namespace glow
