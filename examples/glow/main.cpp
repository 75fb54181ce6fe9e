// glow: trains, samples and judges a Glow (see --help).
#include <iostream>

#include <glow/core/error.hpp>

#include "commands/commands.hpp"

int main(int argc, char** argv) {
  CLI::App app("Glow, a normalizing flow for images: exact likelihoods, exact reconstruction, samples.");
  app.footer(
      "First steps:\n  glow train --data digits --out runs/digits\n  glow sample runs/digits\n"
      "glow COMMAND --help explains each command.");
  app.require_subcommand(0, 1);
  int status = 0;
  glow::app::add_train(app, status);
  glow::app::add_sample(app, status);
  glow::app::add_reconstruct(app, status);
  glow::app::add_interpolate(app, status);
  glow::app::add_evaluate(app, status);
  glow::app::add_summary(app, status);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) throw CLI::RequiredError("a command, such as train,");
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help
    std::cerr << "glow: " << e.what() << "; glow --help and glow COMMAND --help say what there is\n";
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "glow: there is not enough memory for this\n";
    return 1;
  } catch (const std::exception& e) {
    std::cerr << "glow: " << e.what() << '\n';
    return 1;
  }
  return status;
}
