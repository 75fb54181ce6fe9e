#include <iostream>

#include <glow/runtime/open.hpp>
#include <glow/saved/save.hpp>

// A model file that is not there: what is compiled of the library is linked, and its errors are caught.
int main() {
  try {
    const auto model = glow::open("no_such_file.safetensors", "cpu");
    model->trainer({.learning_rate = 1e-4})->step({});
    glow::save("copy.safetensors", model->saved());
  } catch (const glow::FileError& e) {
    std::cout << e.what() << '\n';
    return 0;
  }
  return 1;
}
