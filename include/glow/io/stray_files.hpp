// Temporary files that killed processes have left behind.
#pragma once

#include <charconv>
#include <csignal>

#include <glow/io/atomic_file.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Removes what write_file_atomically has left in `folder` in processes that are gone: temporary files
/// NAME.tmpPID for whose NAME `is_ours(NAME)` holds. Files that a process is still writing stay.
template <class IsOurs>
void remove_stray_temporary_files(const std::filesystem::path& folder, IsOurs is_ours) {
  std::error_code error;  // a folder that is not there holds none
  std::vector<std::filesystem::path> stray;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const auto mark = name.rfind(detail::temporary_mark);
    if (mark == std::string::npos || !is_ours(name.substr(0, mark))) continue;
    pid_t process = 0;
    const char* digits = name.c_str() + mark + detail::temporary_mark.size();
    const auto [end, wrong] = std::from_chars(digits, name.c_str() + name.size(), process);
    if (wrong != std::errc() || end != name.c_str() + name.size() || process <= 0) continue;
    if (::kill(process, 0) != 0 && errno == ESRCH) stray.push_back(entry.path());
  }
  for (const auto& path : stray) {
    const int d = detail::uninterrupted(
        [&] { return ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); });
    if (d < 0) continue;
    // A lock that is held belongs to a process on another machine.
    if (::flock(d, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) ::unlink(path.c_str());
    detail::close_once(d);
  }
}

}  // namespace glow
