// Plays the program glow for gpu_check_test.py. It needs a shared library, which a test takes away.
#include <iostream>

int number_of_library();

int main() { std::cout << "bits per dimension " << number_of_library() << '\n'; }
