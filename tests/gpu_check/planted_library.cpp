// The shared library of planted_program.
int number_of_library() { return 3; }
