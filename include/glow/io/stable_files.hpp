// Files that are read at any place by several threads, and that must stay what they were.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <sys/stat.h>

#include <glow/io/atomic_file.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Numbered files, of which up to 64 are held open: those that were read last. Const members may be called by
/// several threads. A file that is removed, replaced or changed is refused from then on.
class StableFiles {
 public:
  /// Throws FileError for a path that is no file, or cannot be looked at.
  explicit StableFiles(std::vector<std::filesystem::path> paths) {
    for (std::filesystem::path& path : paths) {
      struct stat s {};
      const int failed = ::stat(path.c_str(), &s);
      require<FileError>(failed == 0, "cannot open '", path.native(), "': ", std::strerror(errno));
      require<FileError>(S_ISREG(s.st_mode), "'", path.native(), "' is not a file");
      files_.push_back({std::move(path), State(s)});
    }
  }

  std::size_t count() const { return files_.size(); }
  const std::filesystem::path& path(std::size_t file) const { return files_[file].path; }
  std::uint64_t size(std::size_t file) const { return files_[file].state.size; }

  /// Fills `to` with the bytes of a file from `first` on. Throws FileError, with the path and the reason, if
  /// it cannot be read, has been removed or changed since the object was made, or ends before.
  void read(std::size_t file, std::uint64_t first, std::span<std::uint8_t> to) const {
    const std::shared_ptr<const Opened> opened = open(file);
    while (!to.empty()) {
      const ssize_t n = detail::uninterrupted(
          [&] { return ::pread(opened->descriptor, to.data(), to.size(), static_cast<off_t>(first)); });
      require<FileError>(n >= 0, "cannot read '", path(file).native(), "': ", std::strerror(errno));
      require<FileError>(n > 0, "'", path(file).native(), "' ends at byte ", first, ", where ", to.size(),
                         " more were expected");
      first += static_cast<std::uint64_t>(n);
      to = to.subspan(static_cast<std::size_t>(n));
    }
  }

  /// Lets the system read these bytes ahead, as far as it has memory for them.
  void will_need(std::size_t file, std::uint64_t first, std::uint64_t size) const {
    const std::shared_ptr<const Opened> opened = open(file);
    constexpr std::uint64_t most = std::uint64_t{1} << 17;  // Linux may read no more of a longer range
    for (; size > 0; first += std::min(size, most), size -= std::min(size, most)) {
      ::posix_fadvise(opened->descriptor, static_cast<off_t>(first), static_cast<off_t>(std::min(size, most)),
                      POSIX_FADV_WILLNEED);
    }
  }

 private:
  struct State {
    explicit State(const struct stat& s)
        : device(s.st_dev),
          node(s.st_ino),
          size(static_cast<std::uint64_t>(s.st_size)),
          seconds(s.st_mtim.tv_sec),
          nanoseconds(s.st_mtim.tv_nsec),
          named(s.st_nlink > 0) {}
    friend bool operator==(const State&, const State&) = default;

    dev_t device;
    ino_t node;
    std::uint64_t size;
    time_t seconds;  // and nanoseconds at which it was last written
    long nanoseconds;
    bool named;  // in a folder; some file systems do not tell
  };
  struct File {
    std::filesystem::path path;
    State state;
  };
  struct Opened {
    Opened(std::size_t f, int d) : file(f), descriptor(d), closed(d) {}
    std::size_t file;
    int descriptor;
    detail::OpenFile closed;  // at the end
  };

  std::shared_ptr<const Opened> open(std::size_t file) const {
    std::shared_ptr<const Opened> opened = find(file);
    if (opened == nullptr) {
      const int d = detail::uninterrupted([&] { return ::open(path(file).c_str(), O_RDONLY | O_CLOEXEC); });
      require<FileError>(d >= 0, "cannot open '", path(file).native(), "': ", std::strerror(errno));
      opened = std::make_shared<Opened>(file, d);
      hold(opened);
    }
    struct stat s {};
    const int failed = ::fstat(opened->descriptor, &s);
    require<FileError>(failed == 0, "cannot read '", path(file).native(), "': ", std::strerror(errno));
    const State now(s), &before = files_[file].state;
    require<FileError>(now.named || !before.named, "'", path(file).native(),
                       "' has been removed or replaced while it was in use");
    require<FileError>(now.size == before.size, "'", path(file).native(),
                       "' has changed while it was in use: it had ", before.size, " bytes, and now has ",
                       s.st_size);
    require<FileError>(now == before, "'", path(file).native(),
                       "' has been replaced or written again while it was in use");
    return opened;
  }

  std::shared_ptr<const Opened> find(std::size_t file) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto at = std::find_if(open_.begin(), open_.end(), [&](const auto& o) { return o->file == file; });
    if (at == open_.end()) return nullptr;
    std::rotate(open_.begin(), at, at + 1);  // the last one that was read comes first
    return open_.front();
  }

  void hold(std::shared_ptr<const Opened> opened) const {
    constexpr std::size_t most = 64;
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.insert(open_.begin(), std::move(opened));
    if (open_.size() > most) open_.pop_back();
  }

  std::vector<File> files_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const Opened>> open_;
};

}  // namespace glow
