// IDX files on disk, packed by gzip or not, and folders of them as MNIST and its relatives come in.
#pragma once

#include <filesystem>
#include <vector>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

/// True for a folder with a file train-images-idx3-ubyte, or the same packed, with .gz behind its name.
bool holds_mnist(const std::filesystem::path& folder);

/// The images of an IDX file, or of a folder as holds_mnist knows it: those of train-images-idx3-ubyte and,
/// behind them, those of t10k-images-idx3-ubyte, so that a split by number keeps the test images apart.
/// Throws what read_idx_images and `unpacked` do, and FileError for a folder without its test images, or with
/// such of another shape.
MemoryDataset read_idx(const std::filesystem::path& path);

/// The labels of these images [N]: of the folder, or of the file beside that of the images whose name has
/// "labels" for "images" and "idx1" for "idx3" or "idx4", packed or not. Throws FileError where there is
/// none, and what read_idx_labels and `unpacked` do.
std::vector<Index> read_idx_labels_of(const std::filesystem::path& images);

}  // namespace glow::app
