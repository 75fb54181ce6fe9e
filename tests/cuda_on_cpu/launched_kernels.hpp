// Which kernels a program launched, for a test that asks whether it launched them all.
#pragma once

namespace glow::cuda_on_cpu {

/// Remembers a launch of `kernel`. At exit, the file named by Settings::kernels_file gets one line for each
/// kernel: the distance in bytes of its code from that of the function `glow_emulation_origin`, from which a
/// symbol table (nm) tells its name.
void note_kernel(const void* kernel);

}  // namespace glow::cuda_on_cpu
