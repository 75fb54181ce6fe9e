// All of glow for the CPU: normalizing flows composed at compile time. Needs the
// standard library alone.
#pragma once

#include <glow/ad/ops.hpp>
#include <glow/ad/tape.hpp>
#include <glow/core/random.hpp>
#include <glow/flow/flow.hpp>
#include <glow/flow/model.hpp>
#include <glow/flow/multiscale.hpp>
#include <glow/flow/repeat.hpp>
#include <glow/io/safetensors.hpp>
#include <glow/layers/actnorm.hpp>
#include <glow/layers/actnorm_any_permutation.hpp>
#include <glow/layers/actnorm_conv1x1.hpp>
#include <glow/layers/any_map.hpp>
#include <glow/layers/any_permutation.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/coupling.hpp>
#include <glow/layers/linear.hpp>
#include <glow/layers/mlp.hpp>
#include <glow/layers/permutation.hpp>
#include <glow/layers/split.hpp>
#include <glow/layers/squeeze.hpp>
#include <glow/layers/standardization.hpp>
#include <glow/ops/cpu/quantize.hpp>
#include <glow/optim/adam.hpp>
#include <glow/saved/load.hpp>
#include <glow/saved/save.hpp>
#include <glow/train/evaluate.hpp>
#include <glow/train/memory.hpp>
#include <glow/train/not_finite_in_step.hpp>
#include <glow/train/trainer.hpp>
#include <glow/version.hpp>
