#include "commands/options.hpp"

#include <algorithm>

#include "commands/suggestion.hpp"

namespace glow::app {

CLI::Option* add_text(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, std::function<void(const std::string&)> set) {
  const auto checked = [option, set](const std::string& text) {
    require<UsageError>(!text.empty(), option, ": is given without a value");
    set(text);
  };
  return command.add_option_function<std::string>(option, checked, help)->type_name(type);
}

CLI::Option* add_text(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, std::string& variable) {
  return add_text(command, option, type, help, [&variable](const std::string& text) { variable = text; });
}

CLI::Option* add_texts(CLI::App& command, const std::string& option, const std::string& type,
                       const std::string& help, std::vector<std::string>& variable) {
  const auto checked = [option, &variable](const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      require<UsageError>(!text.empty(), option, ": is given without a value");
    variable = texts;
  };
  return command.add_option_function<std::vector<std::string>>(option, checked, help)->type_name(type);
}

CLI::Option* add_word(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, const std::vector<std::string>& words,
                      std::function<void(const std::string&)> set) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return add_text(command, option, type, help, [option, words, list, set](const std::string& text) {
    require<UsageError>(std::find(words.begin(), words.end(), text) != words.end(), option, ": '", text,
                        "' is none of ", list, did_you_mean(text, words));
    set(text);
  });
}

CLI::Option* add_switch(CLI::App& command, const std::string& option, const std::string& help,
                        std::function<void()> set) {
  return command
      .add_flag_function(
          option, [set](std::int64_t) { set(); }, help)
      ->disable_flag_override();
}

CLI::Option* add_switch(CLI::App& command, const std::string& option, const std::string& help,
                        bool& variable) {
  return add_switch(command, option, help, [&variable] { variable = true; });
}

}  // namespace glow::app
