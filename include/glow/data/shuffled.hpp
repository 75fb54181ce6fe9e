// A dataset in a fixed random order, for sets whose own order means something (folders by class, say).
#pragma once

#include <memory>

#include <glow/data/dataset.hpp>
#include <glow/data/sampler.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Image i of this is image order[i] of another dataset; the order is the same on every machine and in every
/// run.
class ShuffledDataset : public Dataset {
 public:
  explicit ShuffledDataset(std::unique_ptr<Dataset> data) : data_(std::move(data)) {
    Sampler sampler(data_->size(), 0);
    for (Index i = 0; i < data_->size(); ++i) order_.push_back(sampler.next());
  }

  Index size() const override { return data_->size(); }
  Shape shape() const override { return data_->shape(); }
  bool load(Index i, std::uint8_t* out) const override { return data_->load(at(i), out); }
  std::string name(Index i) const override { return data_->name(at(i)); }
  std::filesystem::path file(Index i) const override { return data_->file(at(i)); }
  ArchivedFile archived(Index i) const override { return data_->archived(at(i)); }
  std::string failure(Index i) const override { return data_->failure(at(i)); }
  bool slow() const override { return data_->slow(); }

 private:
  Index at(Index i) const { return order_[static_cast<std::size_t>(i)]; }

  std::unique_ptr<Dataset> data_;
  std::vector<Index> order_;
};

}  // namespace glow
