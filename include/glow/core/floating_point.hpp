// Refuses compilers' options under which floating point has no infinities and NaNs: a step of training whose
// loss is not finite could not be told from a good one, and would overwrite the parameters.
#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error \
    "glow: -ffast-math, -Ofast and -ffinite-math-only make std::isfinite always true, so that training would \
go on with NaN; leave them out, or add -fno-finite-math-only"
#endif
