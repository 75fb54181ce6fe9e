// Training by several processes of MPI.
#include <fstream>

#include "places.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// A machine's few cores are enough for these; the tests may run as root, and in a container, where processes
// must not read one another's memory.
const std::string mpi_settings =
    "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
    "OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none; ";

bool has_mpi() {
  if (*mpirun != '\0') return true;
  WARN("there is no MPI: ranks are not tested");
  return false;
}

Words with_settings(const Words& command) { return in_shell(command, "", mpi_settings); }

Words on_ranks_of_mpi(int ranks, const Words& words) {
  return with_settings(Words{mpirun, "-n", std::to_string(ranks), glow_program} + words);
}

const Words digits_in_shares{"train", "--data",  "digits", "--depth", "2", "--levels",
                             "2",     "--width", "8",      "--batch", "64"};

Outcome train_by(int ranks, const std::filesystem::path& run, const Words& more) {
  const Words words = digits_in_shares + Words{"--out", run.string()} + more;
  const Outcome o = ranks == 1 ? run_glow(words) : Child(on_ranks_of_mpi(ranks, words)).wait();
  INFO(o.err);
  REQUIRE(o.status == 0);
  return o;
}

// All numbers of a run's steps but its times.
std::vector<json> curve_of(const std::filesystem::path& run) {
  std::vector<json> lines = json_lines(text_of(run / "metrics.jsonl"));
  for (json& line : lines) {
    for (const char* const time : {"images_per_second", "seconds", "waited"}) line.erase(time);
  }
  return lines;
}

// Whose bytes are not for people.
bool same_files(const std::filesystem::path& a, const std::filesystem::path& b) {
  return text_of(a) == text_of(b);
}

void check_equal_runs(const std::filesystem::path& a, const std::filesystem::path& b, int step) {
  CHECK(curve_of(a) == curve_of(b));
  CHECK(same_files(a / checkpoint_of(step), b / checkpoint_of(step)));
  const std::string picture =
      "samples/" + std::filesystem::path(checkpoint_of(step)).stem().string() + ".png";
  CHECK(same_files(a / picture, b / picture));
}

// A run that somebody has to stop.
Words without_end(const std::filesystem::path& run) {
  return digits_in_shares +
         Words{"--steps",        "1000000", "--save-every", "20",        "--validate-every", "0",
               "--sample-every", "0",       "--out",        run.string()};
}

// The processes of a job's ranks.
std::vector<pid_t> processes_of(const std::filesystem::path& run) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string words = text_of(entry.path() / "cmdline");
    if (words.rfind(glow_program, 0) == 0 && contains(words, run.string())) found.push_back(std::stoi(name));
  }
  return found;
}

}  // namespace

TEST_CASE("ranks of the program: any number of them has the curve, samples and checkpoint of one") {
  if (!has_mpi()) return;
  const Words options =
      GENERATE(Words{}, Words{"--ema", "0.9", "--accumulate", "4", "--clip-norm", "1", "--flip"},
               Words{"--classes", "--accumulate", "4"});
  const TemporaryFolder folder;
  const Words all = options + Words{"--steps", "6", "--validate-every", "2", "--sample-every", "3"};
  train_by(1, folder / "1", all);
  for (const int ranks : {2, 4}) {
    const auto run = folder / std::to_string(ranks);
    const Outcome o = train_by(ranks, run, all);
    CHECK(contains(o.out, ", with " + std::to_string(ranks) + " ranks"));
    check_equal_runs(run, folder / "1", 6);
  }
}

TEST_CASE("ranks of the program: a run goes on with another number of them, bit for bit") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const Words every{"--validate-every", "2", "--sample-every", "0", "--ema", "0.9"};
  train_by(1, folder / "whole", every + Words{"--steps", "9"});
  train_by(2, folder / "parts", every + Words{"--steps", "3"});
  const Words again{"train", "--resume", (folder / "parts").string(), "--steps"};
  CHECK(Child(on_ranks_of_mpi(4, again + Words{"6"})).wait().status == 0);
  CHECK(run_glow(again + Words{"9"}).status == 0);
  CHECK(same_files(folder / "whole" / checkpoint_of(9), folder / "parts" / checkpoint_of(9)));
}

TEST_CASE("ranks of the program: gradients in bf16 train, too") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const Words steps{"--steps", "30", "--validate-every", "0", "--sample-every", "0"};
  train_by(1, folder / "1", steps);
  train_by(2, folder / "2", steps + Words{"--compression", "bf16"});
  const double whole = curve_of(folder / "1").back().at("bits_per_dim");
  const double rounded = curve_of(folder / "2").back().at("bits_per_dim");
  CHECK(whole != rounded);
  CHECK(std::abs(whole - rounded) < 0.02);
}

TEST_CASE("ranks of the program: a run that diverges is skipped, explained and set back by all") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const Words wild{"--steps",          "14", "--lr",           "3e18", "--save-every", "1",
                   "--validate-every", "0",  "--sample-every", "0"};
  const Words words = digits_in_shares + wild;
  const Outcome one = run_glow(words + Words{"--out", (folder / "1").string()});
  const Outcome two = Child(on_ranks_of_mpi(2, words + Words{"--out", (folder / "2").string()})).wait();
  INFO(one.err << two.err);
  CHECK(contains(one.err, "is not finite, first in level"));
  CHECK(contains(two.err, "is not finite, first in level"));
  CHECK(contains(two.err, "for image "));
  CHECK(contains(one.err, "going back to step"));
  CHECK(contains(two.err, "going back to step"));
  CHECK(curve_of(folder / "1") == curve_of(folder / "2"));
}

TEST_CASE("ranks of the program: a killed process ends the job, whose last checkpoint is whole and goes on") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const auto run = folder / "run";
  Child job(on_ranks_of_mpi(4, without_end(run)));
  REQUIRE(Child::has_made(run / checkpoint_of(40)));
  const auto processes = processes_of(run);
  REQUIRE(processes.size() == 4);
  const auto begin = std::chrono::steady_clock::now();
  ::kill(*std::max_element(processes.begin(), processes.end()), SIGKILL);
  const Outcome o = job.wait();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  CHECK(o.status == 128 + SIGKILL);
  CHECK(contains(o.err + o.out, "process rank"));
  CHECK(processes_of(run).empty());
  const json last = json_lines(text_of(run / "metrics.jsonl")).back();
  const int step = last.at("step");
  const Outcome again =
      Child(on_ranks_of_mpi(2, {"train", "--resume", run.string(), "--steps", std::to_string(step + 30)}))
          .wait();
  INFO(again.err);
  CHECK(again.status == 0);
}

TEST_CASE("ranks of the program: a stopped process is named and ends the job within 30 s") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const auto run = folder / "run";
  Child job(on_ranks_of_mpi(2, without_end(run)));
  REQUIRE(Child::has_made(run / checkpoint_of(20)));
  const auto processes = processes_of(run);
  REQUIRE(processes.size() == 2);
  const pid_t second = *std::max_element(processes.begin(), processes.end());
  const auto begin = std::chrono::steady_clock::now();
  ::kill(second, SIGSTOP);
  const Outcome o = job.wait();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "no answer for "));
  CHECK(contains(o.err, "(process " + std::to_string(second) + " on "));
  CHECK(contains(o.err, "the last checkpoint is "));
  CHECK(processes_of(run).empty());
}

TEST_CASE("ranks of the program: SIGUSR1 to the launcher saves and judges the run") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const auto run = folder / "run";
  Child job(on_ranks_of_mpi(2, without_end(run)));
  REQUIRE(Child::has_made(run / checkpoint_of(20)));
  job.signal(SIGUSR1);
  CHECK(job.wait().status == 128 + SIGUSR1);
  const json last = json_lines(text_of(run / "metrics.jsonl")).back();
  CHECK(last.contains("validation_bits_per_dim"));
  CHECK(std::filesystem::exists(run / checkpoint_of(last.at("step"))));
}

TEST_CASE("ranks of the program: what they were told differently is named") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  const Words first = digits_in_shares + Words{"--steps", "3", "--out", run};
  const auto refused = [&](const Words& second) {
    const Outcome o = Child(with_settings(Words{mpirun, "-n", "1", glow_program} + first +
                                          Words{":", "-n", "1", glow_program} + second))
                          .wait();
    CHECK(o.status != 0);
    CHECK(!std::filesystem::exists(run));
    return o.err;
  };
  CHECK(contains(refused(first + Words{"--lr", "0.5"}), "rank 1 has lr 0.5, and rank 0 has 0.001"));
  CHECK(contains(refused(first + Words{"--precision", "bf16"}),
                 "rank 1 has precision \"bf16\", and rank 0 has \"full\""));
  const auto images = folder / "other-idx3-ubyte";
  std::string bytes = text_of(digits_file());
  bytes.back() = static_cast<char>(bytes.back() + 1);
  std::ofstream(images, std::ios::binary) << bytes;
  const Words other{"train",   "--data", images.string(), "--depth", "2",     "--levels", "2", "--width", "8",
                    "--batch", "32",     "--steps",       "3",       "--out", run};
  const Words same{"train",   "--data",  digits_file().string(),
                   "--depth", "2",       "--levels",
                   "2",       "--width", "8",
                   "--batch", "32",      "--steps",
                   "3",       "--out",   run};
  const Outcome o = Child(with_settings(Words{mpirun, "-n", "1", glow_program} + same +
                                        Words{":", "-n", "1", glow_program} + other))
                        .wait();
  CHECK(contains(o.err, "rank 1 has data "));
}

TEST_CASE("ranks of the program: a batch that they cannot share is refused, and so are parts") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  const auto refused = [&](int ranks, const Words& more) {
    const Outcome o =
        Child(on_ranks_of_mpi(ranks, digits_in_shares + Words{"--steps", "3", "--out", run} + more)).wait();
    CHECK(o.status != 0);
    CHECK(!std::filesystem::exists(run));
    return o.err;
  };
  CHECK(contains(refused(3, {}), "batch: 64 images cannot be shared evenly by the 3 ranks"));
  CHECK(contains(refused(2, {"--accumulate", "3"}), "parts: 3 must be 1 or a multiple of the 2 ranks"));
}

TEST_CASE("ranks of the program: what one process does several refuse") {
  if (!has_mpi()) return;
  const Outcome o = Child(on_ranks_of_mpi(2, {"summary", "--data", "digits"})).wait();
  CHECK(o.status == 2);
  CHECK(contains(o.err, "glow: summary is done by one process, and a launcher started 2"));
}

TEST_CASE("ranks of the program: train_on_ranks goes on after a process was lost, as often as it is told") {
  if (!has_mpi()) return;
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const std::string script = (source_folder() / "scripts/train_on_ranks").string();
  const auto command = [&](const Words& options, const Words& more) {
    return in_shell(Words{script, "2"} + options + Words{"--"} + more, "",
                    mpi_settings + "export GLOW=" + glow_program + "; ");
  };
  const Words words{"--data",       "digits",    "--depth",          "1",  "--levels",       "1",
                    "--width",      "8",         "--batch",          "16", "--steps",        "4000",
                    "--save-every", "20",        "--validate-every", "0",  "--sample-every", "0",
                    "--out",        run.string()};
  Child job(command({"--restarts", "1"}, words));
  REQUIRE(Child::has_made(run / checkpoint_of(20)));
  ::kill(processes_of(run).back(), SIGKILL);
  const Outcome o = job.wait();
  INFO(o.err);
  CHECK(o.status == 0);
  CHECK(contains(o.err, "the job ended with status 137; it goes on from "));
  CHECK(std::filesystem::exists(run / checkpoint_of(4000)));
  CHECK(Child(command({"--restarts", "1"}, {"--bits", "99", "--out", (folder / "none").string()}))
            .wait()
            .status == 2);
  CHECK(Child(command({"--restarts", "x"}, words)).wait().status == 2);
}
