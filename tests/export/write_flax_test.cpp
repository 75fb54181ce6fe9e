#include "foreign/write_flax.hpp"

#include "export/small_model.hpp"
#include "files.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("flax: names are nested dictionaries, and arrays the extension of flax") {
  const TemporaryFolder folder;
  foreign::write_flax(folder / "x.msgpack", two_tensors(), {{"format", "glow-checkpoint-2"}});
  using namespace std::string_literals;
  const std::string right =
      "\x82"s  // two members
      "\xA4glow\x81\xA6"
      "format\xB1glow-checkpoint-2"  // the metadata
      "\xA6level1\x82"               // of the level, two
      "\xA7"
      "actnorm\x81\xA4"
      "bias\xC9\0\0\0\x18\x01\x93\x91\x02\xA7"
      "float32\xC6\0\0\0\x08"s +         // [2]
      memory_of_floats({0.25F, 0.5F}) +  //
      "\xA6kernel\xC9\0\0\0\x1D\x01\x93\x92\x01\x03\xA7"
      "float32\xC6\0\0\0\x0C"s +  // [1, 3]
      memory_of_floats({0.25F, 0.5F, 0.75F});
  CHECK(text_of(folder / "x.msgpack") == right);
}

TEST_CASE("flax: dictionaries and texts of every length have their form") {
  const TemporaryFolder folder;
  std::vector<NamedTensor> many;
  for (int i = 0; i < 20; ++i) many.push_back({join("level", i), Tensor<float>(Shape{200})});
  foreign::write_flax(folder / "x.msgpack", many, {{"key", std::string(40, 'v')}});
  const std::string text = text_of(folder / "x.msgpack");
  using namespace std::string_literals;
  CHECK(text.rfind("\xDE\0\x15\xA4glow\x81\xA3key\xDB\0\0\0\x28vvv"s, 0) == 0);  // 21 members, 40 characters
  CHECK(contains(text,
                 "\x93\x91\xCF\0\0\0\0\0\0\0\xC8\xA7"
                 "float32\xC6\0\0\x03\x20"s));  // of 200 numbers
}

TEST_CASE("flax: what cannot be written leaves nothing behind") {
  const TemporaryFolder folder;
  CHECK(contains(message_of<FileError>([&] { foreign::write_flax(folder / "none/x", two_tensors(), {}); }),
                 "none/x"));
  CHECK(names_in(folder.path()).empty());
}
