#include <iomanip>
#include <iostream>

#include <glow/saved/save.hpp>

#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "foreign/exported_model.hpp"
#include "foreign/import_model.hpp"
#include "run/config.hpp"

namespace glow::app {

namespace {

struct ImportArguments {
  std::string file, from, out;
  bool inspect = false;
  foreign::ImportOptions options;
};

void print_contents(const foreign::File& file) {
  std::size_t longest = 4;
  for (const auto& a : file.arrays) longest = std::max(longest, a.name.size());
  std::cout << std::left;
  for (const auto& a : file.arrays)
    std::cout << std::setw(static_cast<int>(longest) + 2) << a.name << std::setw(10) << name_of(a.element)
              << a.shape_text() << '\n';
  std::cout << file.name << ": " << file.kind << ", " << file.arrays.size()
            << (file.arrays.size() == 1 ? " tensor" : " tensors") << "\nlooks like " << verdict_of(file)
            << '\n';
}

SavedModel model_of(const foreign::File& file, const ImportArguments& a) {
  if (!is_exported_model(file))
    return a.from == "flax" ? import_flax(file, a.options) : import_torch(file, a.options);
  require<UsageError>(
      !a.options.size && !a.options.bits && !a.options.numbers, "'", a.file,
      "' was written by glow export, and says of its model what --size, --bits and --pixels would");
  require<UsageError>((a.from == "torch") == file.kind.starts_with("PyTorch"), "--from: '", a.file, "' is ",
                      file.kind, ", not a file of ", a.from);
  return import_exported_model(file);
}

void run_import(const ImportArguments& a) {
  require<UsageError>(!a.inspect || (a.from.empty() && a.out.empty()),
                      "--inspect writes nothing, and goes with neither --from nor --out");
  require<UsageError>(a.inspect || !a.from.empty(),
                      "--from says which program wrote the file: flax or torch");
  require<UsageError>(a.inspect || !a.out.empty(), "--out FILE.safetensors is needed");
  require<UsageError>(a.from != "flax" || !a.options.numbers, "--pixels goes with --from torch");
  const foreign::File file = foreign::read_foreign(a.file);
  if (a.inspect) return print_contents(file);
  const SavedModel model = model_of(file, a);
  save(a.out, model);
  const Domain& domain = model.description.domain;
  std::cout << a.out << ": " << verdict_of(file) << ", " << model.description.sample << ", "
            << (domain.is_continuous() ? "continuous" : join(domain.bits(), " bits")) << '\n';
}

}  // namespace

void add_import(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("import", "make a checkpoint of another program's weights");
  auto a = std::make_shared<ImportArguments>();
  add_text(*command, "file", "", "file of the other program", a->file)->required();
  add_word(*command, "--from", "PROGRAM",
           "what wrote the file: flax (a Glow in JAX, as msgpack) or torch (one of several Glows in PyTorch)",
           {"flax", "torch"}, [a](const std::string& from) { a->from = from; });
  add_text(*command, "--out", "FILE", "checkpoint to write, such as model.safetensors", a->out);
  add_switch(*command, "--inspect",
             "print the tensors in the file, and what it looks like, and write nothing", a->inspect);
  add_text(*command, "--size", "HxW", "height and width of images, where the file does not say",
           [a](const std::string& size) {
             Config config;
             config.size = size;
             try {
               const auto s = config.image_size();
               a->options.size = Shape{s->height, s->width};
             } catch (const Error& e) {
               throw UsageError(std::string("--") + e.what());
             }
           });
  add_number<int>(*command, "--bits", "N",
                  "bits of each pixel that the model was trained on; the program's default without",
                  Range{1, 8}, [a](int bits) { a->options.bits = bits; });
  add_word(
      *command, "--pixels", "HOW",
      "how the program takes a level as a number: centred (level / 2^bits - 1/2), unit (level / 2^bits) or "
      "to_tensor (level / (2^bits - 1)); its default without",
      {"centred", "unit", "to_tensor"},
      [a](const std::string& how) { a->options.numbers = foreign::pixel_numbers_of(how); });
  command->footer(
      "Examples:\n  glow import --inspect model.pt\n"
      "  glow import --from torch model_200001.pt --size 64x64 --out celeba.safetensors\n"
      "  glow import --from flax params.msgpack --size 64x64 --bits 5 --out celeba.safetensors");
  command->callback([a] { run_import(*a); });
}

}  // namespace glow::app
