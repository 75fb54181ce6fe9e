// The direction of an attribute in a model's latents. Source: D. Kingma, P. Dhariwal, Glow: Generative Flow
// with Invertible 1x1 Convolutions, NeurIPS 2018, section 6 (semantic manipulation).
#pragma once

#include <filesystem>

#include <glow/runtime/nets.hpp>

#include "data/with_attribute.hpp"
#include "run/checkpoint.hpp"

namespace glow::app {

/// The mean latents of images with an attribute less those of images without it.
struct LatentVector {
  std::string attribute;
  Tensor<float> difference;  ///< packed, in the shape [1, H, W, C] of an image
};

/// The vector of an attribute in the latents of `model`, a model of 8-bit images of `data` at `bits` bits,
/// from the images `of`, encoded in batches of up to `batch`. Images that cannot be decoded are left out, and
/// named on stderr. The sums are taken image by image in double, so that the result is the same for any
/// `batch`. Throws FileError if no image with, or none without the attribute can be decoded.
LatentVector latent_vector(const AnyModel& model, const Dataset& data, const WithAndWithout& of,
                           const std::string& attribute, int bits, Index batch);

/// Latents [N S, ...], packed in the shape of their images, of latents z [N, ...]: number n S + s is
/// z_n + strengths[s] v, scaled to the norm of z_n, level by level on the levels in `levels` (from 1); the
/// other levels stay those of z_n. Latents of images all have about the same norm, that of draws of N(0, I);
/// a model that meets others divides by scales that it has not learned to keep from 0.
Tensor<float> moved(const ImageNet& net, const Tensor<float>& z, const LatentVector& v,
                    const std::vector<double>& strengths, const std::vector<int>& levels);

/// Writes the vector as a safetensors file: a tensor for each level, named level1, level2, ...; the metadata
/// say which attribute and which model it is of. Throws FileError if the file cannot be written, and
/// CheckpointError if there is one already that is not a vector.
void save_vector(const std::filesystem::path& path, const LatentVector& vector, const Checkpoint& model);

/// Throws as save_vector does for a file that it would refuse to replace.
void check_replaceable(const std::filesystem::path& path);

/// The vector in a file of save_vector. Throws FileError and CheckpointError for what is no such file, and
/// for the vector of a model of another architecture, or of images of another shape, naming what differs.
/// Says on stderr if it is of another model of the same architecture, or of another step of its training.
LatentVector open_vector(const std::filesystem::path& path, const Checkpoint& model);

}  // namespace glow::app
