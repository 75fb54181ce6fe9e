#include "foreign/zip_writer.hpp"

#include "export/stored_entries.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("zip: the check sum is that of the specification's example, part by part") {
  foreign::Crc32 crc;
  CHECK(crc.value() == 0);
  const std::string begin = "1234", rest = "56789";
  crc.add(bytes_of(begin));
  crc.add(bytes_of(rest));
  CHECK(crc.value() == 0xCBF43926);
}

TEST_CASE("zip: entries come back as they went in") {
  const TemporaryFolder folder;
  foreign::ZipWriter zip;
  const std::string borrowed(1000, '\x07');
  foreign::Parts parts;
  parts.own("head");
  parts.borrow(bytes_of(borrowed));
  zip.add("folder/numbers", std::move(parts));
  zip.add("empty", "");
  zip.add("text", std::string("a\0b", 3));
  zip.save(folder / "x.zip");
  CHECK(stored_entries(text_of(folder / "x.zip")) ==
        std::map<std::string, std::string>{
            {"folder/numbers", "head" + borrowed}, {"empty", ""}, {"text", std::string("a\0b", 3)}});
  CHECK(names_in(folder.path()) == std::vector<std::string>{"x.zip"});
}

TEST_CASE("zip: what needs Zip64 is refused by the entry's name, before it is read") {
  foreign::ZipWriter zip;
  zip.add("small", "1");
  foreign::Parts parts;
  parts.borrow(Bytes(static_cast<const std::byte*>(nullptr), std::size_t{1} << 32));  // which nobody may read
  const std::string message = message_of<FileError>([&] { zip.add("level1/kernel", std::move(parts)); });
  CHECK(contains(message, "'level1/kernel' of 4294967296 bytes"));
  CHECK(contains(message, "4 GiB"));
}
