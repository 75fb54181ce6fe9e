#include "data/idx_files.hpp"

#include <glow/data/idx.hpp>

#include "data/gzip.hpp"

namespace glow::app {

namespace {

namespace fs = std::filesystem;

// The file of that name, or the one with .gz at the end of its name that is there in its place.
fs::path packed_or_not(const fs::path& path) {
  const fs::path packed = path.string() + ".gz";
  if (fs::exists(path) || !fs::exists(packed)) return path;
  return packed;
}

fs::path train_images(const fs::path& folder) { return packed_or_not(folder / "train-images-idx3-ubyte"); }
fs::path test_images(const fs::path& folder) { return packed_or_not(folder / "t10k-images-idx3-ubyte"); }

// The bytes of a file, unpacked.
class Contents {
 public:
  explicit Contents(const fs::path& path) : bytes_(unpacked(read_file(path), path.string())) {}
  std::span<const std::uint8_t> span() const {
    return {reinterpret_cast<const std::uint8_t*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::vector<std::byte> bytes_;
};

MemoryDataset images_in(const fs::path& file) {
  return read_idx_images(Contents(file).span(), file.string());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.rfind(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

fs::path labels_beside(const fs::path& images) {
  const std::string name = images.filename().string();
  require<FileError>(name.find("images") != std::string::npos, "classes: the labels of '", images.string(),
                     "' are looked for in a file whose name has 'labels' for 'images', but its name has no "
                     "'images'; rename both, as to X-images-idx3-ubyte and X-labels-idx1-ubyte");
  fs::path labels = images.parent_path() /
                    replaced(replaced(replaced(name, "images", "labels"), "idx3", "idx1"), "idx4", "idx1");
  if (!fs::exists(labels) && labels.extension() == ".gz") labels.replace_extension();
  labels = packed_or_not(labels);
  require<FileError>(fs::exists(labels), "classes: there are no labels for '", images.string(), "': '",
                     labels.string(), "' does not exist");
  return labels;
}

void add_labels_of(const fs::path& images, std::vector<Index>& all) {
  const fs::path file = labels_beside(images);
  const Contents contents(file);
  const auto labels = read_idx_labels(contents.span(), file.string());
  all.insert(all.end(), labels.begin(), labels.end());
}

}  // namespace

bool holds_mnist(const fs::path& folder) {
  std::error_code error;  // a folder that cannot be looked into is ImageFolder's to refuse
  return fs::is_directory(folder, error) && (fs::exists(folder / "train-images-idx3-ubyte", error) ||
                                             fs::exists(folder / "train-images-idx3-ubyte.gz", error));
}

MemoryDataset read_idx(const fs::path& path) {
  if (!fs::is_directory(path)) return images_in(path);
  const fs::path test = test_images(path);
  require<FileError>(fs::exists(test), "data: '", path.string(), "' has train-images-idx3-ubyte, but '",
                     test.string(), "' does not exist; give the file with the training images by its name, ",
                     "to take these alone");
  const MemoryDataset first = images_in(train_images(path)), last = images_in(test);
  require<FileError>(first.shape() == last.shape(), "data: '", test.string(), "' has images ", last.shape(),
                     ", but those to train on are ", first.shape());
  const Index image = first.shape().size();
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>((first.size() + last.size()) * image));
  for (Index i = 0; i < first.size(); ++i) first.load(i, pixels.data() + i * image);
  for (Index i = 0; i < last.size(); ++i) last.load(i, pixels.data() + (first.size() + i) * image);
  return MemoryDataset(first.shape(), std::move(pixels));
}

std::vector<Index> read_idx_labels_of(const fs::path& images) {
  std::vector<Index> labels;
  if (fs::is_directory(images)) {
    add_labels_of(train_images(images), labels);
    add_labels_of(test_images(images), labels);
  } else {
    add_labels_of(images, labels);
  }
  return labels;
}

}  // namespace glow::app
