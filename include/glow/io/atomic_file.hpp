// Files that are there whole or not at all: written under a temporary name, flushed to the disk, then
// renamed.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A run of bytes to be written.
using Bytes = std::span<const std::byte>;

/// The bytes of an object or array.
template <class T>
Bytes bytes_of(std::span<T> items) {
  return std::as_bytes(items);
}
inline Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

namespace detail {

// The result of a system call, which is made again for as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Closes a descriptor. Linux has closed it even where it reports that a signal came; a second call might
// close a file of another thread.
inline bool close_once(int descriptor) { return ::close(descriptor) == 0 || errno == EINTR; }

// What stands between a file's name and the process in the name of its temporary file.
inline constexpr std::string_view temporary_mark = ".tmp";

// The file that a path leads to through symbolic links, which need not exist.
inline std::filesystem::path behind_links(std::filesystem::path path) {
  constexpr int most_links = 40;  // as many as Linux follows
  std::error_code error;
  for (int i = 0; i < most_links && std::filesystem::is_symlink(path, error); ++i)
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  return path;
}

// A file under a temporary name beside the one that it will replace, whose permissions it takes; removed
// unless it was committed. It is locked for as long as it is being written, so that others can tell it from
// one that was left behind.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : named_(target),
        target_(behind_links(target)),
        path_(target_.string() + std::string(temporary_mark) + std::to_string(::getpid())) {
    std::error_code error;
    const auto before = std::filesystem::status(target_, error);
    require<FileError>(status_known(before), "cannot write '", named_.string(), "': ", error.message());
    require<FileError>(!exists(before) || is_regular_file(before) || is_directory(before), "cannot write '",
                       named_.string(), "': it is not a regular file");
    descriptor_ =
        uninterrupted([&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); });
    if (descriptor_ < 0) fail("cannot create");
    if (is_regular_file(before)) ::fchmod(descriptor_, static_cast<mode_t>(before.permissions()));
    ::flock(descriptor_, LOCK_EX | LOCK_NB);  // some file systems have no locks: then the process tells
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!committed_) ::unlink(path_.c_str());
  }

  void write(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t n = uninterrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
      if (n < 0) fail("cannot write");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  void commit() {
    if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0) fail("cannot flush");
    if (!close_once(std::exchange(descriptor_, -1))) fail("cannot close");
    if (uninterrupted([&] { return ::rename(path_.c_str(), target_.c_str()); }) != 0)
      fail("cannot rename the finished file to");
    committed_ = true;
    // The name is safe only once its folder is; a file system that cannot flush folders has no better promise
    // to give.
    const std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : ".";
    const int d = uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (d < 0) return;
    uninterrupted([&] { return ::fsync(d); });
    close_once(d);
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw FileError(join(what, " '", named_.string(), "': ", std::strerror(errno)));
  }

  std::filesystem::path named_, target_, path_;
  int descriptor_ = -1;
  bool committed_ = false;
};

// Closes a descriptor at the end of its scope.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace detail

/// Writes `parts`, one after the other, as the file `path`, or as the one that a symbolic link there leads
/// to. A file that was there before keeps its permissions. On failure (no folder, read-only, disk full, a
/// device or pipe in its place) throws FileError with the path and the reason; a file that was there before
/// is left as it was, and nothing else stays behind.
inline void write_file_atomically(const std::filesystem::path& path, std::span<const Bytes> parts) {
  detail::TemporaryFile file(path);
  for (const Bytes& part : parts) file.write(part);
  file.commit();
}
inline void write_file_atomically(const std::filesystem::path& path, const std::string& text) {
  const Bytes part = bytes_of(text);
  write_file_atomically(path, std::span(&part, 1));
}

/// The file as bytes, or its first `most` if it has more; throws FileError with the path and the reason if it
/// cannot be read.
inline std::vector<std::byte> read_file(const std::filesystem::path& path, std::size_t most = SIZE_MAX) {
  const int d = detail::uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  require<FileError>(d >= 0, "cannot open '", path.string(), "': ", std::strerror(errno));
  const detail::OpenFile closed(d);
  std::vector<std::byte> bytes;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error) bytes.reserve(static_cast<std::size_t>(std::min<std::uintmax_t>(size, most)));
  std::byte buffer[1 << 16];
  while (bytes.size() < most) {
    const ssize_t n = detail::uninterrupted(
        [&] { return ::read(d, buffer, std::min(sizeof buffer, most - bytes.size())); });
    require<FileError>(n >= 0, "cannot read '", path.string(), "': ", std::strerror(errno));
    if (n == 0) break;
    bytes.insert(bytes.end(), buffer, buffer + n);
  }
  return bytes;
}

}  // namespace glow
