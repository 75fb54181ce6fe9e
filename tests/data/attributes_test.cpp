#include "data/attributes.hpp"

#include "data/digit_classes.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

Attributes attributes_in(const std::string& text) {
  return parse_attributes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "table");
}

std::string refusal_of_table(const std::string& text) {
  return message_of<FileError>([&] { attributes_in(text); });
}

using Texts = std::vector<std::string>;

const std::string three_labels("\0\0\x08\x01\0\0\0\x03\x07\x00\x07", 11);

}  // namespace

TEST_CASE("attributes: CelebA's list, with blanks of any length") {
  const Attributes a = attributes_in("2\nBald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n");
  CHECK(a.names == Texts{"Bald", "Smiling"});
  CHECK(a.images == Texts{"000001.jpg", "000002.jpg"});
  CHECK(a.values == std::vector<bool>{false, true, true, false});
  CHECK(a.has(0, 1));
  CHECK(!a.has(1, 1));
  CHECK(!a.complete);
}

TEST_CASE("attributes: CSV, with quotes, line ends of Windows and the mark of UTF-8") {
  const Attributes a = attributes_in(
      "\xef\xbb\xbf"
      "file,smiling,\"old, \"\"very\"\"\"\r\n\"a,1.png\",1,0\r\nx/b.png, 0, 1\r\n\r\n7,-1,1");
  CHECK(a.names == Texts{"smiling", "old, \"very\""});
  CHECK(a.images == Texts{"a,1.png", "x/b.png", "7"});
  CHECK(a.values == std::vector<bool>{true, false, false, true, false, true});
}

TEST_CASE("attributes: IDX labels give each image one attribute, its label") {
  const Attributes a = attributes_in(three_labels);
  CHECK(a.names == Texts{"0", "7"});
  CHECK(a.images == Texts{"0", "1", "2"});
  CHECK(a.values == std::vector<bool>{false, true, true, false, false, true});
  CHECK(a.complete);
}

TEST_CASE("attributes: the digits have ten classes, one an image") {
  const Attributes a = digit_classes();
  REQUIRE(a.names.size() == 10);
  CHECK(a.images.size() == 1797);
  Index of_class[10] = {}, all = 0;
  for (Index i = 0; i < 1797; ++i) {
    for (Index c = 0; c < 10; ++c) of_class[c] += a.has(i, c) ? 1 : 0;
  }
  for (Index c = 0; c < 10; ++c) {
    CHECK(of_class[c] > 170);
    all += of_class[c];
  }
  CHECK(all == 1797);
  CHECK(a.has(0, 0));
  CHECK(a.has(1, 1));
}

TEST_CASE("attributes: tables that are damaged are refused with the line and what would be right") {
  const std::pair<std::string, std::string> wrong[] = {
      {"", "'table': the file is empty"},
      {" \n\n", "'table': the file is empty"},
      {"hello\n", "line 1: this is neither the number of images that CelebA's list_attr_celeba.txt"},
      {"2\n", "line 1: the names of the attributes are missing"},
      {"2\nBald\n", "'table': there are no images after the attributes"},
      {"2\nBald Bald\na 1 1\n", "line 2: the attribute 'Bald' appears twice"},
      {"3\nBald Old\na 1 1\nb 1 1\n", "its first line says 3 images, but there are 2"},
      {"1\nBald Old\na 1 1\nb 1 1\n", "its first line says 1 images, but there are 2"},
      {"2\nBald Old\na 1 1\nb 1\n", "line 4: 1 values, but there are 2 attributes"},
      {"2\nBald Old\na 1 1\nb 1 -1 1\n", "line 4: 3 values, but there are 2 attributes"},
      {"2\nBald Old\na 1 1\n\nb 1 2\n", "line 5: '2' for 'Old' must be 1 (with), or 0 or -1 (without)"},
      {"1\nBald Old\na 1 yes\n", "line 3: 'yes' for 'Old' must be 1"},
      {"2\nBald\na 1\na -1\n", "line 4: the image 'a' has a row already, see 'table', line 3"},
      {"file,old,\na,1,1\n", "line 1: attribute 2 has no name"},
      {"file,old,old\na,1,1\n", "line 1: the attribute 'old' appears twice"},
      {"file,old\n", "there are no images"},
      {"file,old\n,1\n", "line 2: the image has no name"},
      {"file,old\na,\n", "line 2: '' for 'old' must be 1"},
      {"file,old\na,1,0\n", "line 2: 2 values, but there are 1 attributes"},
      {"file,old\na,1.0\n", "line 2: '1.0' for 'old'"},
      {"file,old\n\"a\"b,1\n", "line 2: after a closing quote there must be a comma"},
      {"file,old\na,1\nb,0\na,0\n", "line 4: the image 'a' has a row already, see 'table', line 2"},
      {"file,old\n\"a,1\n", "line 2: a quote is not closed"},
      {"file,old\na," + std::string(5000, '1'), "line 2: '" + std::string(100, '1') + "...' for 'old'"},
      {three_labels.substr(0, 10), "'table': 3 labels need as many bytes, but there are 2"},
      {three_labels + "x", "'table': 3 labels need as many bytes, but there are 4"},
      {three_labels.substr(0, 7), "'table': cut short within its header of 8 bytes"},
  };
  for (const auto& [text, named] : wrong) {
    INFO(text.substr(0, 200));
    const std::string message = refusal_of_table(text);
    INFO(message);
    CHECK(contains(message, named));
    CHECK(message.starts_with("'table'"));
  }
  CHECK(contains(message_of<FileError>([] { read_attributes("/nowhere/at.all"); }), "/nowhere/at.all"));
}
