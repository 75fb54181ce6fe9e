// The table of wrong uses, a line each, with a part of the message that it gets: of the program, of files,
// and of the library at run time. What must not compile is in compile_fail/, a file each, with its messages.
// A new line needs nothing else.
#include <glow/data/cifar10.hpp>
#include <glow/data/idx.hpp>
#include <glow/data/prefetcher.hpp>
#include <glow/io/safetensors.hpp>

#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Words after `glow`, split at spaces; RUN is a trained run, OUT a folder that is not there.
struct ProgramUse {
  const char* words;
  const char* message;
};
const ProgramUse program_uses[] = {
    {"", "command"},
    {"trian --data digits", "trian"},
    {"train", "--out"},
    {"train --out OUT --bits 0", "bits: 0 must be 1 to 8"},
    {"train --out OUT --bits 9", "bits: 9 must be 1 to 8"},
    {"train --out OUT --depth 0", "depth: 0 must be 1 to 1024"},
    {"train --out OUT --levels 17", "levels: 17 must be 1 to 16"},
    {"train --out OUT --levels 4", "must be even"},
    {"train --out OUT --width 0", "width: 0 must be 1 to 65536"},
    {"train --out OUT --batch 0", "batch: 0 must be 1 to 16777216"},
    {"train --out OUT --batch -5", "batch: -5 must be 1 to 16777216"},
    {"train --out OUT --batch many", "batch"},
    {"train --out OUT --batch 16777216 --width 512", "images of 8x8x1 at a time take"},
    {"train --out OUT --width 65536 --depth 64", "not even 1 would fit"},
    {"train --out OUT --lr 0", "lr: 0 must be above 0 and finite"},
    {"train --out OUT --lr inf", "lr: "},
    {"train --out OUT --lr nan", "lr: "},
    {"train --out OUT --steps -1", "steps: -1 must be at least 1"},
    {"train --out OUT --temperature -1", "temperature: -1 must be at least 0 and finite"},
    {"train --out OUT --threads 2000", "threads: 2000 must be 0 to 1024"},
    {"train --out OUT --seed -1", "seed"},
    {"train --out OUT --train-split 1797", "train_split: 1797"},
    {"train --out OUT --size 64", "'64' must be HxW, such as 64x64"},
    {"train --out OUT --size 0x8", "'0x8' must be HxW"},
    {"train --out OUT --device gpu", "'gpu' is none of cpu, cuda, auto"},
    {"train --out OUT --precision half", "'half' is none of full, bf16, tf32"},
    {"train --out OUT --activations all", "'all' is none of flat, lean, fast, auto"},
    {"train --out OUT --preset celeba", "'celeba' is none of digits, fashion-mnist, reference-celeba64"},
    {"train --out OUT --data nowhere", "'nowhere' does not exist"},
    {"train --out OUT --config nowhere.json", "'nowhere.json': No such file"},
    {"train --out OUT --bitz 4", "--bitz"},
    {"train --out RUN", "is there already"},
    {"train --resume nowhere", "'nowhere' does not exist"},
    {"train --resume RUN --bits 3", "cannot change when a run goes on"},
    {"sample nowhere", "'nowhere' does not exist"},
    {"sample RUN --count 0", "--count: 0 must be"},
    {"sample RUN --temperature -1", "--temperature: -1 must be at least 0 and finite"},
    {"reconstruct RUN --count 0", "--count: 0 must be"},
    {"interpolate RUN --pairs 0", "--pairs: 0 must be"},
    {"interpolate RUN --steps 1", "--steps: 1 must be"},
    {"manipulate RUN", "--attribute NAME is needed, or --vector FILE"},
    {"manipulate RUN --attribute smiling", "there are 0, 1, 2"},
    {"evaluate RUN --split test", "'test'"},
    {"summary --size 12x12 --levels 3 --data photos", "height 3 must be even"},
};

// Bytes of a file, and how it is read.
struct FileUse {
  const char* reader;  // "json", "safetensors", "idx" or "cifar"
  std::string bytes;
  const char* message;
};
std::string safetensors(const std::string& header, std::size_t data) {
  const std::uint64_t n = header.size();
  return std::string(reinterpret_cast<const char*>(&n), 8) + header + std::string(data, '\0');
}
const FileUse file_uses[] = {
    {"json", "", "not valid JSON"},
    {"json", "{\"bits\": 4", "line 1: not valid JSON"},
    {"json", "{\n\"bits\": 4,\n}", "line 3: not valid JSON"},
    {"json", "{\"lr\": NaN}", "not valid JSON"},
    {"json", "{\"lr\": 1e999}", "number overflow parsing '1e999'"},
    {"json", "{\"bits\": 4} {}", "not valid JSON"},
    {"json", "{\"bits\": 4, \"bits\": 5}", "the key 'bits' appears twice"},
    {"json", "[4]", "a JSON object is needed"},
    {"json", std::string(100'000, '['), "nested deeper than 32 levels"},
    {"json", "{\"bits\": \"4\"}", "bits: \"4\" must be a whole number, 1 to 8"},
    {"json", "{\"bits\": 40}", "line 1: bits: 40 must be 1 to 8"},
    {"json", "{\n\"bitz\": 4}", "line 2: there is no setting 'bitz'"},
    {"json", "{\"batch\": 1e3}", "batch: 1000 must be a whole number"},
    {"json", "{\"flip\": 1}", "flip: 1 must be true or false"},
    {"json", "{\"data\": \"\xff\"}", "not valid JSON"},
    {"safetensors", "", "too few for a safetensors file"},
    {"safetensors", "GIF89a, and more", "its header is said to have"},
    {"safetensors", safetensors("{\"a\":1}", 0), "expected '{' at byte 5 of the header"},
    {"safetensors", safetensors("{\"\xff\":{}}", 0), "the text is not UTF-8 at byte 2"},
    {"safetensors", safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
     "may be cut short"},
    {"safetensors", safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
     "needs 8 bytes"},
    {"safetensors", safetensors(R"({"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}})", 4),
     "unknown type 'F31'"},
    {"safetensors", safetensors("{}", 1), "the tensors cover 0 bytes of data, but there are 1"},
    {"idx", "", "IDX"},
    {"idx", "{\"a\": 1}", "IDX"},
    {"idx",
     std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x02\0\0\0\x02"
                 "123",
                 19),
     "but there are 3"},
    {"idx",
     std::string("\0\0\x08\x01\0\0\0\x01"
                 "1",
                 9),
     "IDX rank 1"},
    {"cifar", std::string(3000, 'x'), "3000 bytes"},
    {"cifar", std::string(3073, 'x'), "label 120 at byte 0"},
};

using Small = Model<Glow>;
Small small_model() { return Small(Architecture{.levels = 1, .depth = 1, .width = 4}, {4, 4, 1}); }

struct LibraryUse {
  void (*use)();
  const char* message;
};
const LibraryUse library_uses[] = {
    {[] {
       Shape{1, 2, 3, 4, 5};
     },
     "rank 5"},
    {[] {
       Shape{2, -1};
     },
     "extent -1 must not be negative"},
    {[] {
       Shape{Index{1} << 40, Index{1} << 40};
     },
     "has more elements than memory can hold"},
    {[] {
       const Tensor<float> x(Shape{2, 3});
       x.view().as({4});
     },
     "cannot view 2x3 as 4"},
    {[] {
       const Tensor<float> x(Shape{2, 3});
       x.view().samples(1, 2);
     },
     "samples 1 to 3 of 2x3"},
    {[] {
       Small(Architecture{.levels = 1}, {5, 4, 1});
     },
     "height 5 must be even"},
    {[] {
       Small(Architecture{.levels = 0}, {4, 4, 1});
     },
     "levels 0 must be at least 1"},
    {[] {
       Small(Architecture{.depth = 0}, {8, 8, 1});
     },
     "depth 0 must be at least 1"},
    {[] {
       Small(Architecture{.width = 0}, {8, 8, 1});
     },
     "width 0 must be at least 1"},
    {[] {
       Small(Architecture(), {8, 8});
     },
     "must be [H, W, C]"},
    {[] {
       const Tensor<float> x(Shape{2, 8, 8, 1});
       small_model().encode(x.view());
     },
     "batch 2x8x8x1 is not [N, 4, 4, 1]"},
    {[] {
       small_model().sample(-1, 1, Random{1, 2});
     },
     "extent -1 must not be negative"},
    {[] {
       small_model().sample(Index{1} << 58, 1, Random{1, 2});
     },
     "has more elements than memory can hold"},
    {[] { small_model().memory(0); }, "batch: 0 must be at least 1"},
    {[] { small_model().parameters().entry("level9"); }, "there is no tensor named 'level9'"},
    {[] {
       Small(Architecture{.levels = 1}, {4, 4, 1}, Pixels{9});
     },
     "bits: 9 must be 1 to 8"},
    {[] {
       Small model = small_model();
       Trainer<Glow>(model, {.learning_rate = 0});
     },
     "learning_rate: 0 must be a finite number above 0"},
    {[] {
       Small model = small_model();
       const std::vector<std::uint8_t> pixels(17);
       Trainer<Glow>(model, {}).step(pixels);
     },
     "17 pixels"},
    {[] { set_threads(0); }, "threads: 0 must be 1 to 1024"},
    {[] { Sampler(0, 1); }, "there are no images"},
    {[] {
       Sampler(3, 1, {0, 4});
     },
     "position 4 of epoch 0 lies outside the 3 images"},
    {[] {
       MemoryDataset({2, 2, 1}, std::vector<std::uint8_t>(5));
     },
     "5 pixels"},
    {[] {
       const MemoryDataset data({1, 1, 1}, {7});
       Prefetcher(data, 0, 1, {.batch = 0, .on_skip = {}});
     },
     "batch: 0 must be at least 1"},
    {[] { precision_of("half"); }, "'half' is none of full, tf32, bf16"},
    {[] { SafetensorsFile::open("/dev/zero"); }, "'/dev/zero' is not a regular file"},
    {[] { read_file("/nowhere"); }, "cannot open '/nowhere': No such file"},
    {[] { write_file_atomically("/nowhere/file", std::string()); }, "'/nowhere/file': No such file"},
    {[] {
       SafetensorsWriter writer;
       const Tensor<float> x(Shape{1});
       writer.add("x", x.view());
       writer.add("x", x.view());
     },
     "the name 'x' is taken"},
};

}  // namespace

TEST_CASE("wrong uses: of the program") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "1"});
  for (const ProgramUse& use : program_uses) {
    Words words;
    std::istringstream in(use.words);
    for (std::string word; in >> word;) {
      words.push_back(word == "RUN"   ? (folder / "run").string()
                      : word == "OUT" ? (folder / "out").string()
                                      : word);
    }
    const Outcome o = run_glow(words, folder.path());
    INFO("glow " << use.words << "\n" << o.err);
    CHECK((o.status == 1 || o.status == 2));
    CHECK(one_line(o.err));
    CHECK(contains(o.err, use.message));
    CHECK(!std::filesystem::exists(folder / "out"));
  }
}

TEST_CASE("wrong uses: of files") {
  const TemporaryFolder folder;
  for (const FileUse& use : file_uses) {
    const std::string reader = use.reader,
                      path = (folder / (reader == "cifar" ? "file.bin" : "file")).string();
    write_file_atomically(path, use.bytes);
    std::string message;
    if (reader == "json") {
      const Outcome o = run_glow({"train", "--config", path, "--out", (folder / "out").string()});
      message = o.err;
      CHECK(o.status == 1);
      CHECK(one_line(o.err));
    } else if (reader == "safetensors") {
      message = message_of([&] { SafetensorsFile::open(path); });
    } else if (reader == "idx") {
      message = message_of([&] { read_idx_images(std::filesystem::path(path)); });
    } else {
      message = message_of([&] { read_cifar10(path); });
    }
    INFO(reader << ": " << use.bytes.substr(0, 100) << "\n" << message);
    CHECK(contains(message, "'" + path + "'"));
    CHECK(contains(message, use.message));
  }
}

TEST_CASE("wrong uses: of the library at run time") {
  for (const LibraryUse& use : library_uses) {
    const std::string message = message_of(use.use);
    INFO(use.message << "\n" << message);
    CHECK(contains(message, use.message));
  }
}
