#include "run/metrics.hpp"

#include <cstdlib>

#include <poll.h>
#include <sys/ioctl.h>

#include "full_disk.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
using nlohmann::json;

Metrics metrics_of(Index step) {
  return {.step = {.step = step,
                   .bits_per_dim = 3.5,
                   .gradient_norm = 0.25,
                   .learning_rate = 1e-3,
                   .taken = true},
          .epoch = 0.5,
          .images_per_second = 640,
          .seconds = 1.5,
          .waited = 0.125,
          .validation_bits_per_dim = {}};
}

// Steps first ... last into `file`, after `from`.
void report(const std::filesystem::path& file, Index from, Index last) {
  Reporter reporter(file, from, last, Voice::quiet);
  for (Index s = from + 1; s <= last; ++s) reporter.step(metrics_of(s));
}

// What has come through a descriptor and was not read yet.
std::string read_ready(int descriptor) {
  char text[1 << 16];
  pollfd in{descriptor, POLLIN, 0};
  if (::poll(&in, 1, 0) <= 0) return "";
  const auto n = ::read(descriptor, text, sizeof text);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "";
}

struct Pipe {
  int read_end, write_end;
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(read_end);
    ::close(write_end);
  }
  std::string read() const { return read_ready(read_end); }
};

// A terminal without a window.
struct PseudoTerminal {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY), slave = -1;
  PseudoTerminal() {
    REQUIRE(::grantpt(master) == 0);
    REQUIRE(::unlockpt(master) == 0);
    slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
    REQUIRE(slave >= 0);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    ::close(slave);
    ::close(master);
  }
  void resize(std::size_t columns) const {
    const winsize size{24, static_cast<unsigned short>(columns), 0, 0};
    REQUIRE(::ioctl(master, TIOCSWINSZ, &size) == 0);
  }
  std::string read() const { return read_ready(master); }
};

}  // namespace

TEST_CASE("metrics: a line of JSON has the numbers of a step") {
  const TemporaryFolder folder;
  Metrics m = metrics_of(1);
  Reporter reporter(folder / "m.jsonl", 0, 2, Voice::quiet);
  reporter.step(m);
  m.step.step = 2;
  m.validation_bits_per_dim = 3.75;
  m.accuracy = 0.25;
  reporter.step(m);
  const auto lines = json_lines(text_of(folder / "m.jsonl"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == json{{"step", 1},
                         {"epoch", 0.5},
                         {"bits_per_dim", 3.5},
                         {"gradient_norm", 0.25},
                         {"images_per_second", 640.0},
                         {"learning_rate", 1e-3},
                         {"seconds", 1.5},
                         {"waited", 0.125}});
  CHECK(lines[1].at("validation_bits_per_dim") == 3.75);
  CHECK(lines[1].at("accuracy") == 0.25);
}

TEST_CASE("metrics: numbers that are not finite become null, and a skipped step says so") {
  const TemporaryFolder folder;
  Metrics m = metrics_of(1);
  m.step.bits_per_dim = std::nan("");
  m.step.gradient_norm = std::numeric_limits<double>::infinity();
  m.validation_bits_per_dim = -std::numeric_limits<double>::infinity();
  m.step.taken = false;
  Reporter(folder / "m.jsonl", 0, 1, Voice::quiet).step(m);
  const auto lines = json_lines(text_of(folder / "m.jsonl"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].at("bits_per_dim").is_null());
  CHECK(lines[0].at("gradient_norm").is_null());
  CHECK(lines[0].at("validation_bits_per_dim").is_null());
  CHECK(lines[0].at("skipped") == true);
}

TEST_CASE("metrics: a line can be read as soon as its step is done") {
  const TemporaryFolder folder;
  Reporter reporter(folder / "m.jsonl", 0, 9, Voice::quiet);
  reporter.step(metrics_of(1));
  CHECK(json_lines(text_of(folder / "m.jsonl")).size() == 1);
}

TEST_CASE("metrics: a run that goes on drops lines of later steps and lines that were cut short") {
  const TemporaryFolder folder;
  const auto file = folder / "m.jsonl";
  report(file, 0, 5);
  const std::string whole = text_of(file);
  write_file_atomically(file, whole + "null\n{\"step\":null}\n{\"step\":\"x\"}\n" + whole.substr(0, 30));
  report(file, 3, 4);
  std::vector<json> steps;
  for (const json& line : json_lines(text_of(file))) steps.push_back(line.at("step"));
  CHECK(steps == std::vector<json>{1, 2, 3, 4});
}

TEST_CASE(
    "metrics: the library's warnings go through the reporter while it lives, and are dropped where it is "
    "quiet") {
  const TemporaryFolder folder;
  std::string seen;
  const WarningHandler before = on_warning([&](const std::string& text) { seen = text; });
  {
    Reporter reporter(folder / "m.jsonl", 0, 9, Voice::quiet);
    warn("of a quiet run");
  }
  CHECK(seen.empty());
  warn("of later");
  CHECK(seen == "of later");
  on_warning(before);
}

TEST_CASE("metrics: a validation joins the line of its step, and is told with it") {
  const TemporaryFolder folder;
  Pipe out;
  Reporter reporter(folder / "m.jsonl", 0, 9, Voice::json, Terminal(out.write_end));
  reporter.step(metrics_of(1), true);
  CHECK(json_lines(text_of(folder / "m.jsonl")) ==
        std::vector<json>{json::parse(text_of(folder / "m.jsonl"))});
  CHECK(out.read().empty());
  reporter.validated(3.75);
  reporter.step(metrics_of(2), true);
  reporter.validated({});
  const std::string text = text_of(folder / "m.jsonl");
  CHECK(out.read() == text);
  CHECK(json_lines(text).size() == 2);
  CHECK(json_lines(text)[0].at("validation_bits_per_dim") == 3.75);
  CHECK(!json_lines(text)[1].contains("validation_bits_per_dim"));
  CHECK(!reporter.validation_of(1));
  CHECK(!reporter.validation_of(2));
}

TEST_CASE("metrics: on a full disk the file stays whole, and the line that did not fit is known") {
  const TemporaryFolder folder;
  const auto file = folder / "m.jsonl";
  Reporter reporter(file, 0, 9, Voice::quiet);
  reporter.step(metrics_of(1));
  reporter.step(metrics_of(2), true);
  const std::string before = text_of(file);
  {
    const FullDisk disk(before.size() + 10);
    CHECK(contains(message_of<FileError>([&] { reporter.validated(3.75); }), "File too large"));
    CHECK(text_of(file) == before);
    CHECK(contains(message_of<FileError>([&] { reporter.step(metrics_of(3)); }),
                   "cannot write '" + file.string() + "': File too large"));
  }
  CHECK(text_of(file) == before);
  CHECK(json::parse(reporter.unwritten()).at("step") == 3);
  Reporter again(file, 3, 9, Voice::quiet);
  again.restore(3, reporter.unwritten());
  again.restore(3, reporter.unwritten());
  CHECK(json_lines(text_of(file)).size() == 3);
}

TEST_CASE("metrics: of an old run only the end is read, however long its lines are") {
  const TemporaryFolder folder;
  const auto file = folder / "m.jsonl";
  std::string text = "no JSON, which nobody reads\n";
  for (Index step = 1; step <= 3000; ++step)
    text += json{{"step", step}, {"more", std::string(step == 2000 ? 300'000 : 100, 'x')}}.dump() + "\n";
  for (const Index from : {2999, 2500, 1999, 1000}) {
    write_file_atomically(file, text);
    MetricsFile metrics(file, from);
    CHECK(metrics.last_step() == from);
    metrics.append(R"({"step":9999})");
    const auto kept =
        text.substr(0, text.find("{\"more\":", text.find("\"step\":" + std::to_string(from) + "}")));
    CHECK((text_of(file) == kept + "{\"step\":9999}\n"));
  }
}

TEST_CASE("metrics: a progress line never fills the terminal's width, which may change") {
  const TemporaryFolder folder;
  PseudoTerminal terminal;
  ::setenv("TERM", "xterm", 1);
  REQUIRE(Terminal(terminal.slave).watched());
  Reporter reporter(folder / "m.jsonl", 0, 1'000'000, Voice::progress, Terminal(terminal.slave));
  Index step = 0;
  for (const std::size_t columns : {50u, 20u, 200u}) {
    terminal.resize(columns);
    ::usleep(150'000);
    reporter.step(metrics_of(++step));
    const std::string text = terminal.read();
    INFO(text);
    REQUIRE(text.rfind("\r\033[K", 0) == 0);
    const std::string line = text.substr(4);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.size() < columns);
    CHECK(line.size() > std::min<std::size_t>(50, columns - 2));
  }
}

TEST_CASE("metrics: a pipe gets a line when nothing was said for a while") {
  const TemporaryFolder folder;
  Pipe out;
  Reporter reporter(folder / "m.jsonl", 0, 1'000'000, Voice::lines, Terminal(out.write_end),
                    std::chrono::milliseconds(100));
  reporter.step(metrics_of(1));
  CHECK(contains(out.read(), "step 1/"));
  reporter.step(metrics_of(2));
  CHECK(out.read().empty());
  ::usleep(150'000);
  reporter.step(metrics_of(3));
  CHECK(contains(out.read(), "step 3/"));
}

TEST_CASE("metrics: a file that cannot be written is named") {
  const TemporaryFolder folder;
  const auto path = folder / "none/m.jsonl";
  CHECK(contains(message_of<FileError>([&] { Reporter(path, 0, 1, Voice::quiet); }),
                 "cannot write '" + path.string() + "'"));
}
