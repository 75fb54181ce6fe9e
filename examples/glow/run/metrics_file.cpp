#include "run/metrics_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

using detail::uninterrupted;

// The step of a line of metrics; -1 for any other text.
Index step_in(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const auto step = json.is_object() ? json.find("step") : json.end();
  return step != json.end() && step->is_number_integer() ? step->get<Index>() : -1;
}

[[noreturn]] void fail(const std::filesystem::path& path, int reason) {
  throw FileError(join("cannot write '", path.string(), "': ", std::strerror(reason)));
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& file, Index from_step)
    : path_(file),
      descriptor_(uninterrupted([&] { return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); })) {
  if (descriptor_ < 0) fail(path_, errno);
  try {
    keep_up_to(from_step);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

MetricsFile::~MetricsFile() { ::close(descriptor_); }

void MetricsFile::keep_up_to(Index step) {
  const auto size = ::lseek(descriptor_, 0, SEEK_END);
  std::string text;
  for (std::int64_t wanted = 1 << 16;; wanted *= 2) {
    const std::int64_t begin = std::max<std::int64_t>(0, size - wanted);
    text.resize(static_cast<std::size_t>(size - begin));
    const auto n = uninterrupted([&] { return ::pread(descriptor_, text.data(), text.size(), begin); });
    if (n != static_cast<ssize_t>(text.size())) fail(path_, n < 0 ? errno : EIO);
    // From the last whole line backwards; one that begins before the text is read with more of the file.
    for (auto end = text.rfind('\n'); end != std::string::npos;) {
      const auto before = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
      if (before == std::string::npos && begin > 0) break;
      const auto first = before == std::string::npos ? 0 : before + 1;
      const std::string_view line = std::string_view(text).substr(first, end - first);
      if (const Index found = step_in(line); found >= 0 && found <= step) {
        last_ = line;
        last_begin_ = begin + static_cast<std::int64_t>(first);
        break;
      }
      end = before;
    }
    if (!last_.empty() || begin == 0) break;
  }
  const auto kept = last_.empty() ? 0 : last_begin_ + static_cast<std::int64_t>(last_.size()) + 1;
  if (uninterrupted([&] { return ::ftruncate(descriptor_, kept); }) != 0) fail(path_, errno);
}

// Writes `line` at a place where the file ends, or where the last line begins.
void MetricsFile::write(std::int64_t at, const std::string& line) {
  const std::string text = line + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = uninterrupted([&] {
      return ::pwrite(descriptor_, text.data() + done, text.size() - done,
                      at + static_cast<std::int64_t>(done));
    });
    if (n < 0) {
      const int reason = errno;
      const std::string before = last_.empty() ? "" : last_ + "\n";
      const auto size = static_cast<std::int64_t>(before.size());
      if (::pwrite(descriptor_, before.data(), before.size(), last_begin_) == size &&
          ::ftruncate(descriptor_, last_begin_ + size) == 0) {
        fail(path_, reason);
      }
      fail(path_, errno);
    }
    done += static_cast<std::size_t>(n);
  }
  last_ = line;
  last_begin_ = at;
}

void MetricsFile::append(const std::string& line) {
  write(last_.empty() ? 0 : last_begin_ + static_cast<std::int64_t>(last_.size()) + 1, line);
}

void MetricsFile::replace_last(const std::string& line) { write(last_begin_, line); }

void MetricsFile::sync() {
  // What lies on no disk, such as a pipe, cannot be flushed and need not be.
  if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0 && errno != EINVAL && errno != EROFS)
    fail(path_, errno);
}

Index MetricsFile::last_step() const { return last_.empty() ? -1 : step_in(last_); }

}  // namespace glow::app
