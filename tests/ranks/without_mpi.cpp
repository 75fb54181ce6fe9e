// What a program that was built without MPI says when a launcher starts several of it.
#include <iostream>

#include "ranks/launcher.hpp"

int main() {
  try {
    glow::app::ranks_of_launcher();
  } catch (const glow::Error& e) {
    std::cout << e.what() << '\n';
    return 1;
  }
}
