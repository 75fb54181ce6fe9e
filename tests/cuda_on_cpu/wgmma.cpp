// Products by wgmma, a warp's rows at a time. ThreadSanitizer sees this file: the lane that computes reads
// the operands for its warp.
#include "wgmma.hpp"

#include <cstring>

#include <vector_types.h>

#include "intrinsics.hpp"
#include "tile_product.hpp"
#include "warp.hpp"
#include "warp_products.hpp"

namespace glow::cuda_on_cpu {

namespace {

struct Wait {
  int allowed;
  Site site;
};

// A row of an operand as numbers, k after k; whether its bits are still those of `issued`. Loads of its own
// type, not memcpy: compilers expand a small memcpy in place without telling ThreadSanitizer.
bool read_row(const WgmmaOperand& operand, unsigned row, const SharedWindow& window, const uint4 (&issued)[2],
              float (&numbers)[16]) {
  bool same = true;
  for (unsigned half = 0; half < 2; ++half) {
    const uint4 now = *reinterpret_cast<const uint4*>(window.at(operand.address(row, half)));
    const uint4& then = issued[half];
    same &= now.x == then.x && now.y == then.y && now.z == then.z && now.w == then.w;
    const unsigned pairs[4] = {now.x, now.y, now.z, now.w};
    for (unsigned i = 0; i < 4; ++i) {
      numbers[8 * half + 2 * i] = bits_as<float>(pairs[i] << 16);
      numbers[8 * half + 2 * i + 1] = bits_as<float>(pairs[i] & 0xFFFF0000u);
    }
  }
  return same;
}

// sums [column][row] += A B for the warp's rows.
void multiply(const WarpProduct& x, const SharedWindow& window, float (*sums)[tile_rows], Site site) {
  const IssuedProduct& issued = issued_product(x.number);
  const WgmmaOperand a(issued.a), b(issued.b);
  const unsigned first_row = tile_rows * warp_in_group(), columns = static_cast<unsigned>(issued.columns);
  float left[16][tile_rows], right[most_columns][16];
  bool same = true;
  for (unsigned row = 0; row < tile_rows; ++row) {
    float numbers[16];
    same &= read_row(a, first_row + row, window, issued.left[row], numbers);
    for (unsigned k = 0; k < 16; ++k) left[k][row] = numbers[k];
  }
  for (unsigned n = 0; n < columns; ++n) same &= read_row(b, n, window, issued.right[n], right[n]);
  if (!same) fail_thread(site, "operands have changed since the first thread issued their product");
  multiply_tile<16>(left, right, issued.columns, sums);
}

// Calls fn(sum of the lane, sum of the tile) for all of them. Of D a lane has rows g and g + 8, g = lane / 4:
// d[i]: row g + 8 (i / 2 % 2), column 8 (i / 4) + 2 (lane % 4) + i % 2.
template <class Fn>
void for_each_sum(const WarpProduct& x, int columns, float (*sums)[tile_rows], Fn fn) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < columns / 2; i += 4) {
      for (int j = 0; j < 4; ++j) {
        fn(x.d[lane][i + j], sums[2 * i + 2 * (lane % 4) + j % 2][lane / 4 + 8 * (j / 2)]);
      }
    }
  }
}

// The products of the calling warp that are due; those into the same sums one after the other.
void finish_products(const Wait& wait) {
  WarpProduct x;
  if (!take_due_products(wait.allowed, &x, wait.site)) return;
  const SharedWindow window = shared_window();
  float sums[most_columns][tile_rows];
  for (bool more = true; more;) {
    const WarpProduct into = x;
    const int columns = issued_product(x.number).columns;
    for_each_sum(into, columns, sums, [](float d, float& sum) { sum = d; });
    do {
      multiply(x, window, sums, wait.site);
      more = take_due_products(wait.allowed, &x, wait.site);
    } while (more && issued_product(x.number).columns == columns &&
             std::memcmp(x.d, into.d, sizeof x.d) == 0);
    for_each_sum(into, columns, sums, [](float& d, float sum) { d = sum; });
  }
}

}  // namespace

void await_wgmmas(int allowed, Site site) {
  Wait wait{allowed, site};
  warp_collective(
      0xFFFFFFFFu, wait, [](Lanes<Wait> lanes) { finish_products(*lanes[lane_index()]); }, site);
}

}  // namespace glow::cuda_on_cpu
