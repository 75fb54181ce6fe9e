#include "data/ordered_by_name.hpp"

#include "data/hash.hpp"

namespace glow::app {

OrderedByName::OrderedByName(std::unique_ptr<Dataset> files, const std::filesystem::path& folder)
    : files_(std::move(files)) {
  const std::size_t lead = (folder / "").native().size();
  for (Index i = 0; i < files_->size(); ++i)
    order_.push_back({hash_of(std::string_view(files_->file(i).native()).substr(lead)), i});
  std::sort(order_.begin(), order_.end());
}

}  // namespace glow::app
