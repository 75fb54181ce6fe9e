// expect: the net of a Model is a MultiScale
#include <glow/glow.hpp>

int main() {
  glow::Model<glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>> model(glow::Architecture{},
                                                                              {8, 8, 1});
}
