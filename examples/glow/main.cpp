// glow: trains, samples and judges a Glow (see --help).
#include <iostream>

#include <glow/core/error.hpp>

#include "commands/commands.hpp"

int main(int argc, char** argv) {
  CLI::App app("Glow, a normalizing flow for images: exact likelihoods, exact reconstruction, samples.");
  app.footer(
      "First steps:\n  glow train --data digits --out runs/digits\n  glow sample runs/digits\n"
      "glow COMMAND --help explains each command.");
  app.require_subcommand(1);
  int status = 0;
  glow::app::add_train(app, status);
  glow::app::add_sample(app, status);
  glow::app::add_reconstruct(app, status);
  glow::app::add_interpolate(app, status);
  glow::app::add_evaluate(app, status);
  glow::app::add_summary(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const std::exception& e) {
    std::cerr << "glow: " << e.what() << '\n';
    return 1;
  }
  return status;
}
