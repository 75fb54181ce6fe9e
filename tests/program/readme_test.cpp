// README's commands, as a reader types them.
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// What README shows of the program: indented lines that start with its name, without their comments.
Words shown_commands() {
  Words commands;
  std::istringstream readme(text_of(source_folder() / "README.md"));
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("    glow ")) commands.push_back(line.substr(4, line.find(" # ") - 4));
  }
  return commands;
}

// In a shell, with the program on the PATH.
Outcome run_as_typed(const std::string& command, const std::filesystem::path& folder) {
  const std::string path = std::filesystem::path(glow_program).parent_path().string();
  return Child({"/bin/sh", "-c", "PATH=" + path + ":$PATH; " + command}, folder).wait();
}

}  // namespace

TEST_CASE("README: the program's commands run as printed, one after the other") {
  const TemporaryFolder folder;
  const Words commands = shown_commands();
  CHECK(commands.size() >= 9);
  for (const std::string& command : commands) {
    const Outcome o = run_as_typed(command, folder.path());
    INFO(command << "\n" << o.err);
    if (contains(command, "photos/")) {  // which a reader has, and which take minutes
      CHECK(o.status == 1);
      CHECK(contains(o.err, "'photos/' does not exist"));
    } else if (contains(command, "model.pt")) {  // likewise
      CHECK(o.status == 1);
      CHECK(contains(o.err, "model.pt"));
    } else {
      CHECK(o.status == 0);
    }
  }
}
