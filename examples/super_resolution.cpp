// Super-resolution: images of twice the height and width are drawn given the small ones. The model learns
// p(image | small image).
//
//     super_resolution data/digits-images-idx3-ubyte [OUT.png] [STEPS]
//
// A row of the picture is a small image that was held out, six samples given it, and the true image.
#include "digits.hpp"

// The means of blocks of 2x2 pixels of images, [N, H/2, W/2, 1].
Pixels halved(const Pixels& images) {
  const glow::Index width = images.width() / 2, row = images.width();
  Pixels x({images.batch(), images.height() / 2, width, 1});
  for (glow::Index i = 0; i < x.size(); ++i) {
    const std::uint8_t* block = images.data() + i / width * 2 * row + i % width * 2;
    x[i] = static_cast<std::uint8_t>((block[0] + block[1] + block[row] + block[row + 1] + 2) / 4);
  }
  return x;
}

void run(const char* file, const char* picture, int steps) {
  const auto [training, held_out] = read_images(file);
  const Pairs seen{.learned = training, .given = halved(training)};
  const Pairs unseen{.learned = held_out, .given = halved(held_out)};

  const glow::Model<Net> alone = trained_model(seen, /*conditional=*/false, steps);
  const glow::Model<Net> model = trained_model(seen, /*conditional=*/true, steps);
  std::printf("images held out: %.3f bits/dim given nothing, %.3f given the small images\n",
              mean_bits(alone, unseen), mean_bits(model, unseen));

  Sheet sheet(8, 8);
  for (glow::Index row = 0; row < 8; ++row) {
    const auto small = unseen.given.samples(row, 1);
    const Pixels large = samples_given(model, small, 6, glow::Random{4, static_cast<std::uint64_t>(row)});
    sheet.put(row, 0, small);
    for (glow::Index n = 0; n < 6; ++n) sheet.put(row, 1 + n, large.samples(n, 1));
    sheet.put(row, 7, held_out.samples(row, 1));
  }
  sheet.write(picture);
}

int main(int count, char** words) { return main_of("super_resolution", count, words, run); }
