// All of glow for NVIDIA GPUs, on top of glow.hpp: Model<Net, float, Cuda> and Trainer<Net, float, Cuda> run
// wholly on the current GPU. Needs the CUDA Toolkit; link with glow::cuda.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/glow.hpp>
#include <glow/layers/cuda/actnorm_conv1x1.hpp>
#include <glow/layers/cuda/coupling_actnorm_conv1x1.hpp>
#include <glow/ops/cuda/actnorm.hpp>
#include <glow/ops/cuda/actnorm_conv1x1.hpp>
#include <glow/ops/cuda/adam.hpp>
#include <glow/ops/cuda/channels.hpp>
#include <glow/ops/cuda/context.hpp>
#include <glow/ops/cuda/conv1x1.hpp>
#include <glow/ops/cuda/conv3x3.hpp>
#include <glow/ops/cuda/coupling.hpp>
#include <glow/ops/cuda/coupling_actnorm_conv1x1.hpp>
#include <glow/ops/cuda/gaussian.hpp>
#include <glow/ops/cuda/gpu.hpp>
#include <glow/ops/cuda/labels.hpp>
#include <glow/ops/cuda/logdet.hpp>
#include <glow/ops/cuda/map.hpp>
#include <glow/ops/cuda/permutation.hpp>
#include <glow/ops/cuda/pointwise.hpp>
#include <glow/ops/cuda/quantize.hpp>
#include <glow/ops/cuda/random.hpp>
#include <glow/ops/cuda/squeeze.hpp>
#include <glow/ops/cuda/tape.hpp>
#include <glow/ops/cuda/tape_lines.hpp>
#include <glow/ops/cuda/tape_products.hpp>
#include <glow/ops/cuda/training.hpp>
#include <glow/ranks/cuda/overlapped_sum.hpp>
#include <glow/train/cuda/step_queue.hpp>
