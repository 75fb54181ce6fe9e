#include "data/fingerprints.hpp"

#include <fstream>

#include <glow/io/atomic_file.hpp>

#include "data/hash.hpp"

namespace glow::app {

namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

// Of a file in a shard; by name it is known wherever the shards lie.
std::uint64_t fingerprint(const ArchivedFile& file, Fingerprint of) {
  if (of == Fingerprint::contents) {
    std::vector<std::byte> bytes(file.bytes);
    std::ifstream in(file.archive, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(file.first));
    if (in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
      return hash_of(bytes);
  }
  const std::uint64_t parts[] = {hash_of(file.archive.filename().string() + "/" + file.name), file.bytes};
  return hash_of(std::as_bytes(std::span(parts)));
}

std::uint64_t fingerprint(const Dataset& data, Index i, Fingerprint of) {
  if (const ArchivedFile file = data.archived(i); !file.archive.empty()) return fingerprint(file, of);
  const auto file = data.file(i);
  if (file.empty()) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(data.shape().size()));
    data.load(i, pixels.data());
    return hash_of(std::as_bytes(std::span(pixels)));
  }
  if (of == Fingerprint::contents) {
    try {
      return hash_of(read_file(file));
    } catch (const FileError&) {
      // A file that cannot be read is known by its name.
    }
  }
  const std::uint64_t parts[] = {data.key(i), size_of(file)};
  return hash_of(std::as_bytes(std::span(parts)));
}

}  // namespace

Fingerprint suitable_fingerprint(const Dataset& data) {
  constexpr std::uint64_t most = std::uint64_t{256} << 20;
  std::uint64_t bytes = 0;
  for (Index i = 0; i < data.size() && bytes <= most; ++i) {
    if (const auto file = data.file(i); !file.empty()) bytes += size_of(file);
    bytes += data.archived(i).bytes;
  }
  return bytes <= most ? Fingerprint::contents : Fingerprint::names_and_sizes;
}

std::vector<std::int64_t> fingerprints(const Dataset& data, Fingerprint of) {
  std::vector<std::int64_t> all;
  for (Index i = 0; i < data.size(); ++i) {
    std::uint64_t hash = fingerprint(data, i, of);
    if (!data.classes().empty()) {
      const std::uint64_t parts[] = {hash, static_cast<std::uint64_t>(data.label(i))};
      hash = hash_of(std::as_bytes(std::span(parts)));
    }
    all.push_back(static_cast<std::int64_t>(hash));
  }
  return all;
}

}  // namespace glow::app
