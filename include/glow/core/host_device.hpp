// A mark for functions that host and device code share, so that an equation is written once.
#pragma once

#include <glow/version.hpp>

#ifdef __CUDACC__
#define GLOW_HOST_DEVICE __host__ __device__
#else
#define GLOW_HOST_DEVICE
#endif
