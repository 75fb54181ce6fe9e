// expect: NoParameters
// expect: this layer lacks `template <class Leaf> struct Params`
#include <glow/glow.hpp>

struct NoParameters {};

int main() { glow::Flow<NoParameters> flow; }
