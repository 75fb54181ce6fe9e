#include <iostream>

#include <glow/runtime/read_model.hpp>

#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "foreign/write_flax.hpp"
#include "foreign/write_npz.hpp"
#include "foreign/write_onnx.hpp"
#include "foreign/write_torch.hpp"

namespace glow::app {

namespace {

struct ExportArguments {
  RunArgument run;
  std::string to, out;
};

void run_export(const ExportArguments& a) {
  const bool is_folder = std::filesystem::is_directory(a.run.path);
  const std::filesystem::path file = is_folder ? a.run.open().path : std::filesystem::path(a.run.path);
  const SavedModel model = read_model(file, weights_of(a.run.weights));
  if (a.to == "onnx") {
    foreign::write_onnx(a.out, model);
    const auto [sample, log_p] = foreign::onnx_files(a.out);
    std::cout << sample.string() << '\n' << log_p.string() << '\n';
    return;
  }
  const auto write = a.to == "npz"    ? foreign::write_npz
                     : a.to == "flax" ? foreign::write_flax
                                      : foreign::write_torch;
  write(a.out, model.tensors, foreign::metadata_of(model.description));
  std::cout << a.out << '\n';
}

}  // namespace

void add_export(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("export", "write a model in the format of another program");
  auto a = std::make_shared<ExportArguments>();
  add_run(*command, a->run);
  add_word(
      *command, "--to", "FORMAT",
      "npz, NumPy's archives; flax, as flax.serialization.to_bytes writes it; torch, for torch.load; onnx, "
      "two graphs, of which one draws images and the other tells log p(x)",
      {"npz", "flax", "torch", "onnx"}, [a](const std::string& to) { a->to = to; })
      ->required();
  add_text(*command, "--out", "FILE",
           "the file to write; of onnx FILE.onnx becomes FILE.sample.onnx and FILE.log_p.onnx", a->out)
      ->required();
  command->footer(
      "Examples:\n  glow export runs/digits --to onnx --out digits.onnx\n"
      "  glow export runs/digits --to torch --out digits.pt");
  command->callback([a] { run_export(*a); });
}

}  // namespace glow::app
