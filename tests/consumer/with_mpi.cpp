#include <glow/ranks/mpi.hpp>

int main() { return glow::started_by_mpi() ? 1 : 0; }
