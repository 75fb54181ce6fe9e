#include "foreign/write_torch.hpp"

#include "export/small_model.hpp"
#include "export/stored_entries.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("torch: the pickle makes an ordered dictionary of tensors, and every number lies in a file") {
  const TemporaryFolder folder;
  foreign::write_torch(folder / "x.pt", two_tensors(), {{"format", "glow-checkpoint-2"}});
  auto entries = stored_entries(text_of(folder / "x.pt"));
  CHECK(entries.size() == 5);
  CHECK(entries.at("archive/version") == "3\n");
  CHECK(entries.at("archive/byteorder") == "little");
  CHECK(entries.at("archive/data/0") == memory_of_floats({0.25F, 0.5F}));
  CHECK(entries.at("archive/data/1") == memory_of_floats({0.25F, 0.5F, 0.75F}));
  using namespace std::string_literals;
  const auto text = [](const std::string& s) { return "X"s + static_cast<char>(s.size()) + "\0\0\0"s + s; };
  const auto number = [](char n) { return "J"s + n + "\0\0\0"s; };
  const std::string dictionary = "ccollections\nOrderedDict\n)R";
  const auto tensor = [&](const std::string& key, char count, const std::string& shape,
                          const std::string& strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text(key) +
           text("cpu") + number(count) + "tQ" + number(0) + "(" + shape + "t(" + strides + "t\x89" +
           dictionary + "tR";
  };
  CHECK(entries.at("archive/data.pkl") ==
        "\x80\x02" + dictionary + "(" + text("glow") + "}(" + text("format") + text("glow-checkpoint-2") +
            "u" + text("level1/actnorm/bias") + tensor("0", 2, number(2), number(1)) + text("level1/kernel") +
            tensor("1", 3, number(1) + number(3), number(3) + number(1)) + "u.");
}
