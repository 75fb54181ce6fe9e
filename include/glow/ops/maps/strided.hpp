// What a coupling does to one number is a map: a struct that CPU loops, kernels and the tape's tests share.
//
//   outputs                         numbers h that the network gives for each number x that changes
//   name                            the map's name on the command line and in files
//   forward(x, h, log_scale) -> y   log_scale = log(dy/dx)
//   inverse(y, h, log_scale) -> x   log_scale is the forward map's at this x
//   pull(x, dy, dlog, h, dh) -> dx  given a loss's gradients dy by y and dlog by log_scale, those by x
//                                   and, as dh[0 ... outputs) = ..., by h
//
// h and dh are whatever gives number j as h[j]: an array in registers, or Strided. pull reads all of h before
// it writes dh, which may therefore be the same memory. Nothing is allocated or thrown. Where a number that y
// or x depends on is not one, neither is y or x. T is float or double.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The outputs of a network for one number, a fixed step apart: at a pixel with `changed` channels that
/// change, output j of channel i is element j * changed + i.
template <class T>
struct Strided {
  T* first;
  Index step;

  GLOW_HOST_DEVICE T& operator[](Index j) const { return first[j * step]; }
};

}  // namespace glow
