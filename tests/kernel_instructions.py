"""kernel_instructions.py FOLDER NVDISASM NVCC_VERSION: reads the machine code for compute capability 9.0 of the kernels that the
build of glow::cuda left below FOLDER, and prints the instructions of every kernel that has a bound here. Exits 1 if one has more,
or if a kernel of the wgmma file has a fence of the whole GPU: in its loop such a fence would wait, between two products, for all
stores of the thread. Exits 77, which ctest takes as skipped, where there is no disassembler.

Bounds are what nvcc 13.0 makes and 3%. For another version counts are printed and not held to them."""
import collections
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

from kernel_resources import short

FILES = {"coupling_network_sm90a.cu.o", "coupling_network.cu.o", "coupling.cu.o", "coupling_actnorm_conv1x1.cu.o", "neighbours.cu.o"}
# Instructions by kernel and template arguments: columns of the widest panel and pass (0 values, 1 traced, 2 backward), maps, or types.
MEASURED = {
    "network_pass_sm90a_kernel<128, (NetworkPass)0>": 1512,
    "network_pass_sm90a_kernel<128, (NetworkPass)1>": 1792,
    "network_pass_sm90a_kernel<128, (NetworkPass)2>": 1536,
    "network_pass_sm90a_kernel<256, (NetworkPass)0>": 2208,
    "network_pass_sm90a_kernel<256, (NetworkPass)1>": 2664,
    "network_pass_sm90a_kernel<256, (NetworkPass)2>": 2152,
    "network_pass_sm90a_kernel<512, (NetworkPass)0>": 2880,
    "network_pass_sm90a_kernel<512, (NetworkPass)1>": 3672,
    "network_pass_sm90a_kernel<512, (NetworkPass)2>": 2640,
    "network_pass_kernel<128, (NetworkPass)0>": 1112,
    "network_pass_kernel<128, (NetworkPass)1>": 1512,
    "network_pass_kernel<128, (NetworkPass)2>": 1240,
    "network_pass_kernel<256, (NetworkPass)0>": 1608,
    "network_pass_kernel<256, (NetworkPass)1>": 2288,
    "network_pass_kernel<256, (NetworkPass)2>": 1744,
    "network_pass_kernel<512, (NetworkPass)0>": 2848,
    "network_pass_kernel<512, (NetworkPass)1>": 3984,
    "network_pass_kernel<512, (NetworkPass)2>": 2904,
    "coupling_actnorm_conv1x1_kernel<double, 1, false>": 1488,
    "coupling_actnorm_conv1x1_kernel<double, 1, true>": 1736,
    "coupling_actnorm_conv1x1_kernel<double, 2, false>": 1464,
    "coupling_actnorm_conv1x1_kernel<double, 2, true>": 1480,
    "coupling_actnorm_conv1x1_kernel<float, 1, false>": 1088,
    "coupling_actnorm_conv1x1_kernel<float, 1, true>": 1416,
    "coupling_actnorm_conv1x1_kernel<float, 2, false>": 1072,
    "coupling_actnorm_conv1x1_kernel<float, 2, true>": 1176,
    "coupling_actnorm_conv1x1_kernel<float, 4, false>": 1064,
    "coupling_actnorm_conv1x1_kernel<float, 4, true>": 1336,
    "coupling_backward_kernel<glow::Additive, double>": 408,
    "coupling_backward_kernel<glow::Additive, float>": 400,
    "coupling_backward_kernel<glow::ExpAffine, double>": 816,
    "coupling_backward_kernel<glow::ExpAffine, float>": 624,
    "coupling_backward_kernel<glow::RationalQuadratic<8>, double>": 5512,
    "coupling_backward_kernel<glow::RationalQuadratic<8>, float>": 3112,
    "coupling_backward_kernel<glow::ShiftedAffine, double>": 600,
    "coupling_backward_kernel<glow::ShiftedAffine, float>": 528,
    "coupling_backward_kernel<glow::SigmoidAffine, double>": 600,
    "coupling_backward_kernel<glow::SigmoidAffine, float>": 528,
    "coupling_kernel<glow::Additive, false, double>": 392,
    "coupling_kernel<glow::Additive, false, float>": 384,
    "coupling_kernel<glow::Additive, true, double>": 392,
    "coupling_kernel<glow::Additive, true, float>": 384,
    "coupling_kernel<glow::ExpAffine, false, double>": 696,
    "coupling_kernel<glow::ExpAffine, false, float>": 656,
    "coupling_kernel<glow::ExpAffine, true, double>": 696,
    "coupling_kernel<glow::ExpAffine, true, float>": 656,
    "coupling_kernel<glow::RationalQuadratic<8>, false, double>": 2976,
    "coupling_kernel<glow::RationalQuadratic<8>, false, float>": 1704,
    "coupling_kernel<glow::RationalQuadratic<8>, true, double>": 2864,
    "coupling_kernel<glow::RationalQuadratic<8>, true, float>": 1656,
    "coupling_kernel<glow::ShiftedAffine, false, double>": 808,
    "coupling_kernel<glow::ShiftedAffine, false, float>": 480,
    "coupling_kernel<glow::ShiftedAffine, true, double>": 832,
    "coupling_kernel<glow::ShiftedAffine, true, float>": 592,
    "coupling_kernel<glow::SigmoidAffine, false, double>": 808,
    "coupling_kernel<glow::SigmoidAffine, false, float>": 480,
    "coupling_kernel<glow::SigmoidAffine, true, double>": 840,
    "coupling_kernel<glow::SigmoidAffine, true, float>": 592,
    "gather_neighbours_kernel<double, double>": 448,
    "gather_neighbours_kernel<float, __nv_bfloat16>": 456,
    "gather_neighbours_kernel<float, float>": 448,
    "sum_neighbours_kernel<double>": 320,
    "sum_neighbours_kernel<float>": 320,
}
MEASURED_WITH = "13.0"
SPARE = 1.03
FENCE = re.compile(r"MEMBAR\S*\.(GPU|SYS|VC)")
EM_CUDA = 190


def cubins(path):
    """The device programs in an object file of nvcc, which lie there as they are: ELF files in an ELF file."""
    data = path.read_bytes()
    at = data.find(b"\x7fELF")
    while at >= 0:
        machine, = struct.unpack_from("<H", data, at + 18)
        if machine == EM_CUDA:
            segments, sections = struct.unpack_from("<QQ", data, at + 32)
            segment_size, segment_count, section_size, section_count = struct.unpack_from("<HHHH", data, at + 54)
            yield data[at:at + max(segments + segment_size * segment_count, sections + section_size * section_count)]
        at = data.find(b"\x7fELF", at + 4)


def kernels(path, nvdisasm):
    """{kernel and template arguments: its instructions} for compute capability 9.0"""
    found = collections.defaultdict(list)
    for cubin in cubins(path):
        with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
            file.write(cubin)
            file.flush()
            text = subprocess.run([nvdisasm, "-c", file.name], capture_output=True, text=True, check=True).stdout
        if not re.search(r"\.target\s+sm_90a?\b", text):
            continue
        name = None
        for line in text.splitlines():
            if match := re.match(r"\s*\.section\s+\.text\.(\S+?),", line):
                name = match[1]
            elif name and (match := re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(.*?);", line)):
                found[name].append(match[1])
    names = subprocess.run(["c++filt"], input="\n".join(found), capture_output=True, text=True, check=True).stdout
    return {short(name): code for name, code in zip(names.splitlines(), found.values())}


def main():
    folder, nvdisasm, version = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if not pathlib.Path(nvdisasm).is_file():
        print("skipped: there is no nvdisasm (CUDA toolkit, or the Python package nvidia-cuda-nvdisasm)")
        sys.exit(77)
    found, wrong = {}, []
    for path in sorted(folder.rglob("*.cu.o")):
        code = kernels(path, nvdisasm) if path.name in FILES else {}
        for kernel, instructions in code.items():
            fences = sum(bool(FENCE.search(i)) for i in instructions)
            if path.name == "coupling_network_sm90a.cu.o" and fences > 0:
                wrong.append(f"{kernel}: {fences} fences of the whole GPU")
            found[kernel] = len(instructions)
    if not found:
        sys.exit(f"no kernels for compute capability 9.0 below {folder}")
    held = version.startswith(MEASURED_WITH)
    print(f"{'kernel':<60} {'instructions':>12} {'bound':>7}")
    for kernel, count in found.items():
        bound = int(MEASURED[kernel] * SPARE) if kernel in MEASURED else 0
        print(f"{kernel:<60} {count:>12} {bound or '-':>7}")
        if held and count > bound:
            wrong.append(f"{kernel}: {count} instructions, {bound} at most" if bound else f"{kernel}: has no bound")
    if not held:
        print(f"nvcc {version}: the bounds are of {MEASURED_WITH}, and are not held")
    print("".join(line + "\n" for line in wrong), end="")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
