// Inpainting: the right half of an image is drawn given its left half. The model learns p(right | left).
//
//     inpainting data/digits-images-idx3-ubyte [OUT.png] [STEPS]
//
// A row of the picture is the left half of an image that was held out, six completions of it, and the true
// image.
#include "digits.hpp"

// The left or the right halves [N, H, W/2, 1] of images.
Pixels halves(const Pixels& images, bool right) {
  const glow::Index half = images.width() / 2;
  Pixels x({images.batch(), images.height(), half, 1});
  for (glow::Index i = 0; i < x.size(); ++i)
    x[i] = images[i / half * images.width() + (right ? half : 0) + i % half];
  return x;
}

// Images [N, H, W, 1] of one left half and N right ones.
Pixels joined(glow::View<const std::uint8_t> left, const Pixels& right) {
  const glow::Index half = left.width();
  Pixels images({right.batch(), left.height(), 2 * half, 1});
  for (glow::Index i = 0; i < right.size(); ++i) {
    std::uint8_t* const row = images.data() + i / half * 2 * half;
    row[i % half] = left[i % left.size()];
    row[half + i % half] = right[i];
  }
  return images;
}

void run(const char* file, const char* picture, int steps) {
  const auto [training, held_out] = read_images(file);
  const Pairs seen{.learned = halves(training, true), .given = halves(training, false)};
  const Pairs unseen{.learned = halves(held_out, true), .given = halves(held_out, false)};

  const glow::Model<Net> alone = trained_model(seen, /*conditional=*/false, steps);
  const glow::Model<Net> model = trained_model(seen, /*conditional=*/true, steps);
  std::printf("right halves held out: %.3f bits/dim given nothing, %.3f given the left halves\n",
              mean_bits(alone, unseen), mean_bits(model, unseen));

  Sheet sheet(8, 8);
  for (glow::Index row = 0; row < 8; ++row) {
    const auto left = unseen.given.samples(row, 1);
    const Pixels right = samples_given(model, left, 6, glow::Random{4, static_cast<std::uint64_t>(row)});
    const Pixels blank(left.shape()), known = joined(left, blank), completed = joined(left, right);
    sheet.put(row, 0, known);
    for (glow::Index n = 0; n < 6; ++n) sheet.put(row, 1 + n, completed.samples(n, 1));
    sheet.put(row, 7, held_out.samples(row, 1));
  }
  sheet.write(picture);
}

int main(int count, char** words) { return main_of("inpainting", count, words, run); }
