// All operations on Vars.
#pragma once

#include <glow/ad/linear.hpp>
#include <glow/ad/lines.hpp>
#include <glow/ad/pointwise.hpp>
