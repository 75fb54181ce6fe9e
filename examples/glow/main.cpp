// glow: trains, samples and judges a Glow (see --help).
#include <algorithm>
#include <iostream>
#include <sstream>

#include <glow/version.hpp>

#include "commands/as_rank.hpp"
#include "commands/commands.hpp"
#include "commands/standard_streams.hpp"
#include "commands/suggestion.hpp"
#include "commands/usage_error.hpp"

namespace {

using namespace glow::app;

// Names of all commands, or of all options of the command that was given.
std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}
std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What is wrong with the words that no command and no option takes.
std::string unexpected(const CLI::App& app) {
  const auto given = app.get_subcommands();
  const bool before = given.empty() || given.front()->remaining().empty();
  const CLI::App& command = before ? app : *given.front();
  const std::string word = command.remaining().front(), option = word.substr(0, word.find('='));
  if (!word.starts_with("-")) return "'" + word + "' is not expected";
  if (before) return "there is no option '" + option + "' before a command";
  return "glow " + command.get_name() + " has no option '" + option + "'" +
         did_you_mean(option, options_of(command));
}

// What is wrong with an option's value; CLI11 says it in terms of counts.
std::string wrong_value(const CLI::ArgumentMismatch& e) {
  const std::string text = e.what();
  const std::string option = text.substr(0, text.find_first_of(": "));
  if (text.find("flag override") != std::string::npos) return "--" + option + " takes no value";
  if (text.find("At Most") != std::string::npos) return option + ": is given more than once";
  return option + ": a value is needed";
}

int run(CLI::App& app, int argc, char** argv, const int& status) {
  const auto commands = commands_of(app);
  const std::string first = argc > 1 ? argv[1] : "";
  glow::require<UsageError>(!first.empty(), "a command is needed, such as train");
  glow::require<UsageError>(
      first.starts_with("-") || std::find(commands.begin(), commands.end(), first) != commands.end(),
      "there is no command '", first, "'", did_you_mean(first, commands));
  if (first != "train") require_one_process(first);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    throw UsageError(unexpected(app));
  } catch (const CLI::ArgumentMismatch& e) {
    throw UsageError(wrong_value(e));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0) throw UsageError(e.what());
    std::ostringstream text;  // of --help or --version
    app.exit(e, text, text);
    std::cout << text.str();
  }
  flush_standard_output();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  protect_standard_streams();
  CLI::App app("Glow, a normalizing flow for images: exact likelihoods, exact reconstruction, samples.",
               "glow");
  app.footer(
      "First steps:\n  glow train --data digits --out runs/digits\n  glow sample runs/digits\n"
      "glow COMMAND --help explains each command.");
  app.set_version_flag("--version", "glow " + std::string(glow::version), "print the version and exit");
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.require_subcommand(1);
  int status = 0;
  add_train(app, status);
  add_sample(app, status);
  add_reconstruct(app, status);
  add_interpolate(app, status);
  add_manipulate(app, status);
  add_evaluate(app, status);
  add_check(app, status);
  add_summary(app, status);
  add_import(app, status);
  add_export(app, status);
  try {
    return run(app, argc, argv, status);
  } catch (const UsageError& e) {
    const auto given = app.get_subcommands();
    const std::string command = given.empty() ? "" : " " + given.front()->get_name();
    std::cerr << "glow: " << e.what() << "; see glow" << command << " --help\n";
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "glow: there is not enough memory for this\n";
  } catch (const std::exception& e) {
    std::cerr << "glow: " << e.what() << '\n';
  }
  return 1;
}
