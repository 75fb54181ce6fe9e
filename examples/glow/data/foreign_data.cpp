#include "data/foreign_data.hpp"

#include <glow/core/error.hpp>

#include "data/idx_files.hpp"

namespace glow::app {

std::string foreign_data_hint(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code error;  // what cannot be seen is not there
  const auto has = [&](const char* name) { return fs::exists(folder / name, error); };
  constexpr std::uintmax_t cifar100_record = 2 + 3 * 32 * 32;

  if (has("data_batch_1") || has("cifar-10-batches-py"))
    return "; this is CIFAR-10 for Python: take the binary version (cifar-10-binary.tar.gz), and give its "
           "folder cifar-10-batches-bin";
  if (has("cifar-10-batches-bin"))
    return join("; CIFAR-10 is in a folder below: give '", (folder / "cifar-10-batches-bin").string(), "'");
  if (has("train.bin") && fs::file_size(folder / "train.bin", error) % cifar100_record == 0)
    return "; this is CIFAR-100, which is not read: take the binary version of CIFAR-10, or a folder of "
           "JPEG or PNG images";
  return "";
}

std::string absent_data_hint(const std::string& data) {
  if (data == fashion_mnist_folder)
    return "on Debian and Ubuntu, apt-get install dataset-fashion-mnist brings it; elsewhere give --data the "
           "folder of Fashion-MNIST's four files";
  return "give 'digits', an IDX file, CIFAR-10 .bin, a folder of images, or tar shards";
}

}  // namespace glow::app
