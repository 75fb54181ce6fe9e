#include "data/with_classes.hpp"

#include <glow/data/cached.hpp>
#include <glow/data/prefetcher.hpp>

#include "data/fingerprints.hpp"
#include "data/open_dataset.hpp"
#include "image/picture.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using ClassNames = std::vector<std::string>;

std::unique_ptr<Dataset> open_classes(const std::string& data, const ClassNames& known = {}) {
  return with_classes(open_dataset(data, std::nullopt), data, known);
}

std::string refused_classes(const std::string& data, const ClassNames& known = {}) {
  return message_of([&] { open_classes(data, known); });
}

ClassNames names_of_classes(const Dataset& data) { return {data.classes().begin(), data.classes().end()}; }

std::vector<Index> all_labels(const Dataset& data) {
  std::vector<Index> labels;
  for (Index i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  return labels;
}

void put_picture(const std::filesystem::path& file, int shade) {
  std::filesystem::create_directories(file.parent_path());
  write_png(file, {1, 2, 1, {static_cast<std::uint8_t>(shade), 7}});
}

// An IDX file of `count` images of one pixel, and one of labels.
std::string idx_images(char count) {
  return std::string("\0\0\x08\x03\0\0\0", 7) + count + std::string("\0\0\0\x01\0\0\0\x01", 8) +
         std::string(static_cast<std::size_t>(count), 'p');
}
std::string idx_labels(const std::string& labels) {
  return std::string("\0\0\x08\x01\0\0\0", 7) + static_cast<char>(labels.size()) + labels;
}

}  // namespace

TEST_CASE("classes: those of the digits are 0 to 9") {
  const auto digits = open_classes("digits");
  CHECK(names_of_classes(*digits) == ClassNames{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(digits->size() == 1797);
  const auto labels = all_labels(*digits);
  CHECK(std::vector<Index>(labels.begin(), labels.begin() + 12) ==
        std::vector<Index>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1});
  CHECK(std::count(labels.begin(), labels.end(), 8) == 174);
  CHECK(open_dataset("digits", std::nullopt)->classes().empty());
  CHECK(open_dataset("digits", std::nullopt)->label(0) == -1);
}

TEST_CASE("classes: IDX labels lie beside the images, and each that occurs is a class") {
  const TemporaryFolder folder;
  for (const auto& [images, labels] : {std::pair{"a-images-idx3-ubyte", "a-labels-idx1-ubyte"},
                                       std::pair{"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"}}) {
    write_file_atomically(folder / images, idx_images(4));
    write_file_atomically(folder / labels, idx_labels("\x07\x02\x07\x02"));
    const auto data = open_classes((folder / images).string());
    CHECK(names_of_classes(*data) == ClassNames{"2", "7"});
    CHECK(all_labels(*data) == std::vector<Index>{1, 0, 1, 0});
  }
}

TEST_CASE("classes: CIFAR-10 has its ten, whichever occur") {
  const TemporaryFolder folder;
  const std::string planes(3072, 'p');
  write_file_atomically(folder / "data_batch_2.bin", "\x09" + planes);
  write_file_atomically(folder / "data_batch_1.bin", "\x03" + planes + std::string(1, '\0') + planes);
  const auto data = open_classes(folder.path().string());
  CHECK(all_labels(*data) == std::vector<Index>{3, 0, 9});
  REQUIRE(data->classes().size() == 10);
  CHECK(data->classes()[0] == "airplane");
  CHECK(data->classes()[9] == "truck");
  CHECK(all_labels(*open_classes((folder / "data_batch_2.bin").string())) == std::vector<Index>{9});
}

TEST_CASE("classes: each sub-folder is one, with all below it, in the order of their names") {
  const TemporaryFolder folder;
  int shade = 0;
  for (const char* file : {"dog/1.png", "cat/2.png", "cat/young/3.png", "dog/4.png", "cat/5.png"})
    put_picture(folder / file, ++shade);
  const auto data = open_classes(folder.path().string());
  CHECK(names_of_classes(*data) == ClassNames{"cat", "dog"});
  for (Index i = 0; i < data->size(); ++i) CHECK((data->label(i) == 0) == contains(data->name(i), "/cat/"));
  // More pictures leave the split by name, and more classes are known by the order given.
  put_picture(folder / "ant/6.png", 6);
  const auto grown = open_classes(folder.path().string(), {"dog", "cat", "ant", "bee"});
  CHECK(names_of_classes(*grown) == ClassNames{"dog", "cat", "ant", "bee"});
  std::map<std::string, Index> label_of;
  for (Index i = 0; i < grown->size(); ++i)
    label_of[grown->file(i).lexically_relative(folder.path()).begin()->string()] = grown->label(i);
  CHECK(label_of == std::map<std::string, Index>{{"dog", 0}, {"cat", 1}, {"ant", 2}});
  for (Index i = 1; i < grown->size(); ++i) CHECK(grown->key(i - 1) < grown->key(i));
}

TEST_CASE("classes: what is missing or does not fit is refused by name") {
  const TemporaryFolder folder;
  const std::string images = (folder / "a-images-idx3-ubyte").string(),
                    labels = (folder / "a-labels-idx1-ubyte").string();
  write_file_atomically(images, idx_images(3));
  CHECK(contains(refused_classes(images),
                 "there are no labels for '" + images + "': '" + labels + "' does not exist"));
  write_file_atomically(labels, idx_labels("\1\2"));
  CHECK(contains(refused_classes(images), "2 labels for the 3 images of '" + images + "'"));
  write_file_atomically(labels, idx_labels("\5\5\5"));
  CHECK(contains(refused_classes(images), "'" + images + "' has one class alone, '5'; at least two"));
  write_file_atomically(labels, idx_labels("\1\2\2").substr(0, 10));
  CHECK(contains(refused_classes(images), "'" + labels + "': 3 labels need as many bytes, but there are 2"));
  write_file_atomically(labels, idx_images(3));
  CHECK(contains(refused_classes(images), "'" + labels + "' is not an IDX file of labels"));
  write_file_atomically(labels, idx_labels("\1\2\4"));
  CHECK(contains(refused_classes(images, {"1", "2", "3"}),
                 "'" + images + "' has a class '4', which this model "));
  CHECK(contains(refused_classes(images, {"1", "2", "3"}), "it knows 1, 2, 3"));
  write_file_atomically(folder / "some-idx3-ubyte", idx_images(3));
  CHECK(contains(refused_classes((folder / "some-idx3-ubyte").string()), "its name has no 'images'"));

  const auto pictures = folder / "pictures";
  put_picture(pictures / "1.png", 1);
  CHECK(contains(refused_classes(pictures.string()), "'" + pictures.string() + "' has no sub-folders"));
  put_picture(pictures / "cat/2.png", 2);
  CHECK(contains(
      refused_classes(pictures.string()),
      "'" + (pictures / "1.png").string() + "' lies in no sub-folder of '" + pictures.string() + "'"));
  std::filesystem::remove(pictures / "1.png");
  CHECK(contains(refused_classes(pictures.string()), "has one class alone, 'cat'"));
}

TEST_CASE("classes: labelled images are those of the dataset, with labels in range") {
  const auto digits = [] { return open_dataset("digits", std::nullopt); };
  const auto labelled = [&](std::size_t count, Index label) {
    LabelledDataset(digits(), std::vector<Index>(count, label), {"a", "b"});
  };
  CHECK(contains(message_of([&] { labelled(5, 0); }), "5 labels for 1797 images"));
  CHECK(contains(message_of([&] { labelled(1797, 2); }), "label 2 of image 0 is not one of 0 to 1"));
  CHECK(contains(message_of([&] { labelled(1797, -1); }), "label -1 of image 0"));
}

TEST_CASE("classes: a batch has the label of each of its images, those that are skipped left out") {
  const TemporaryFolder folder;
  int shade = 0;
  for (const char* name : {"a", "b", "c"}) {
    for (int i = 0; i < 4; ++i) put_picture(folder / name / (std::to_string(i) + ".png"), 10 * ++shade);
  }
  write_file_atomically(folder / "b/bad.png", std::string("no picture"));
  const auto pictures = [&] {
    return with_classes(open_dataset(folder.path().string(), ImageSize{1, 2}, 1), folder.path().string());
  };
  const auto data = pictures();
  PrefetchOptions options;
  options.batch = 5;
  Prefetcher batches(*data, 0, data->size(), options);
  for (int b = 0; b < 10; ++b) {
    const Batch batch = batches.next();
    REQUIRE(batch.labels.size() == 5);
    for (std::size_t n = 0; n < 5; ++n) CHECK(batch.labels[n] == (batch.pixels[2 * n] / 10 - 1) / 4);
  }
  const auto plain = open_dataset(folder.path().string(), ImageSize{1, 2}, 1);
  CHECK(Prefetcher(*plain, 0, plain->size(), options).next().labels.empty());

  // Pictures that move to another class are others.
  const auto before = fingerprints(*data, Fingerprint::contents);
  CHECK(fingerprints(*pictures(), Fingerprint::contents) == before);
  CHECK(fingerprints(*plain, Fingerprint::contents) != before);
}
