// The commands of the glow program. Each adds its subcommand to the parser; its work is done when the
// subcommand was parsed, and the return value of the program is left in `status`.
#pragma once

#include <CLI/CLI.hpp>

namespace glow::app {

void add_train(CLI::App& app, int& status);
void add_sample(CLI::App& app, int& status);
void add_reconstruct(CLI::App& app, int& status);
void add_interpolate(CLI::App& app, int& status);
void add_manipulate(CLI::App& app, int& status);
void add_evaluate(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_summary(CLI::App& app, int& status);
void add_import(CLI::App& app, int& status);
void add_export(CLI::App& app, int& status);

}  // namespace glow::app
