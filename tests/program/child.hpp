// Programs run as children: what they print, and how they end.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.hpp"
#include "support.hpp"

namespace glow::test {

/// How a program ended.
struct Outcome {
  int status;            ///< exit status; minus the signal that ended it
  std::string out, err;  ///< what it printed
  long kib;              ///< the most memory that it took at a time
};

/// A program that runs beside the test. One that still runs at the end of the test is ended.
class Child {
 public:
  using Words = std::vector<std::string>;

  explicit Child(const Words& command, const std::filesystem::path& folder = {}) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const auto redirect = [&](int descriptor, const char* name, int flags) {
      ::posix_spawn_file_actions_addopen(&actions, descriptor, name, flags, 0644);
    };
    const std::string out = output_ / "out", err = output_ / "err";
    redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT);
    redirect(STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT);
    if (!folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, words[0], &actions, nullptr, words.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    require(error == 0, "cannot run ", command[0], ": ", std::strerror(error));
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  /// Waits until it has made the file `path`; false if that takes more than half a minute.
  static bool has_made(const std::filesystem::path& path) {
    for (int i = 0; i < 30'000 && !std::filesystem::exists(path); ++i) ::usleep(1000);
    return std::filesystem::exists(path);
  }

  void interrupt() const { signal(SIGINT); }
  void signal(int number) const { ::kill(pid_, number); }
  pid_t pid() const { return pid_; }

  /// Waits until it ends.
  Outcome wait() {
    int status = 0;
    rusage used{};
    while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), text_of(output_ / "out"),
            text_of(output_ / "err"), used.ru_maxrss};
  }

 private:
  TemporaryFolder output_;
  pid_t pid_ = -1;
};

}  // namespace glow::test
