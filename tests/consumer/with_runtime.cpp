#include <iostream>

#include <glow/runtime/open.hpp>

// A model file that is not there: what is compiled of the library is linked, and its errors are caught.
int main() {
  try {
    glow::open("no_such_file.safetensors", "cpu");
  } catch (const glow::FileError& e) {
    std::cout << e.what() << '\n';
    return 0;
  }
  return 1;
}
