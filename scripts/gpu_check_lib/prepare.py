"""Makes the folder that kit.py describes: for a card of compute capability 9.0, or with the emulated GPU's programs."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from .kit import PROGRAMS, missing_libraries

#: What a prepared folder may hold, so that it travels beside a source tree.
MOST_BYTES = 40 * 2**20

#: For an H100 or H200. The programs find their libraries beside them.
OPTIONS = ["-DCMAKE_BUILD_TYPE=Release", "-DGLOW_NATIVE=OFF", "-DGLOW_WERROR=OFF", "-DGLOW_CUDA=ON",
           "-DGLOW_CUDA_ARCHITECTURES=90a-real", "-DGLOW_GPU_TESTS=ON", "-DGLOW_BUILD_TESTS=ON",
           "-DGLOW_BUILD_BENCHMARKS=ON", "-DGLOW_BUILD_EXAMPLES=ON", "-DBUILD_SHARED_LIBS=ON", "-DGLOW_MPI=OFF", "-DGLOW_NCCL=OFF",
           "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON", "-DCMAKE_INSTALL_RPATH=$ORIGIN/../lib",
           # The worker's rates of the processor, whose libraries are larger than all else.
           *(f"-DGLOW_{name}_LIBRARY=OFF" for name in ("openblas", "blis", "xsmm", "onednn"))]

#: Where CMake leaves each program.
BUILT = {"bin/cuda_gpu_tests": "tests/cuda/cuda_gpu_tests", "bin/parity_fixture": "tests/parity_fixture",
         "bin/glow_gpu_benchmark": "benchmarks/gpu/glow_gpu_benchmark", "bin/glow": "bin/glow",
         "benchmarks/glow_worker": "benchmarks/glow_worker"}
#: The library of kernels that they share.
KERNELS = "libglow_cuda.so"
#: What CMake has in place of the programs for the emulated GPU.
EMULATED = {"bin/cuda_gpu_tests": "tests/cuda/cuda_tests", "bin/parity_fixture": "tests/cuda/parity_fixture_on_cpu",
            "bin/glow_gpu_benchmark": "benchmarks/gpu/glow_gpu_benchmark_on_cpu", "bin/glow": "tests/cuda/glow_emulated",
            "benchmarks/glow_worker": "benchmarks/glow_worker_on_cpu"}

#: These belong to the C library, to the driver, or are too large to carry; the machine with the card has them.
LEFT_OUT = re.compile(r"^(ld-linux|linux-vdso|lib(c|m|dl|rt|pthread|resolv|cuda|cublas|cublasLt|cudnn)\.so)")

#: What is the same in the source tree and in the folder.
SAME = ["scripts/gpu_check", "scripts/gpu_check_lib", "benchmarks/compare.py", "benchmarks/scaling.py", "benchmarks/compile_time",
        "benchmarks/harness", "benchmarks/peers", "data", "tests/fixtures"]

RUN = """#!/bin/sh
# Goes through all steps of gpu_check on this machine: run [--out REPORT]
exec python3 "$(dirname "$0")/scripts/gpu_check" run "$@"
"""


class NotPrepared(Exception):
    """The text says why."""


def call(*command):
    print("--", *command, flush=True)
    if subprocess.run([str(word) for word in command]).returncode != 0:
        raise NotPrepared(f"'{command[0]} {command[1]} ...' has failed; its output is above")


def build(folder, places):
    """The programs or the library that CMake leaves at these places."""
    named = {"bin/glow": "glow_program", KERNELS: "glow_cuda"}
    targets = sorted({named.get(place, pathlib.Path(place).name) for place in places})
    call("cmake", "--build", folder, "--parallel", len(os.sched_getaffinity(0)), "--target", *targets)


def install(program, to):
    """A stripped copy."""
    to.parent.mkdir(parents=True, exist_ok=True)
    call("strip", "-o", to, program)


def commit(root):
    told = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return told.stdout.strip() or "no git"


def common(root, kit, emulated):
    """All but the programs."""
    for name in SAME:
        source, to = root / name, kit / name
        to.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, to)
    (kit / "run").write_text(RUN)
    (kit / "run").chmod(0o755)
    (kit / "kit.json").write_text(json.dumps({"emulated": emulated, "commit": commit(root), "architectures": "90a-real"}) + "\n")


def copy_libraries(kit):
    """Copies what the programs are linked with into lib/."""
    for program in PROGRAMS:
        said = subprocess.run(["ldd", kit / program], capture_output=True, text=True, check=True).stdout
        for name, path in re.findall(r"^\s*(\S+) => (/\S+)", said, re.M):
            to = kit / "lib" / name
            if not LEFT_OUT.match(name) and not to.exists():
                shutil.copy2(os.path.realpath(path), to)
    missing = {library for program in PROGRAMS for library in missing_libraries(kit / program, os.environ)}
    if missing:
        raise NotPrepared(f"no {', '.join(sorted(missing))} is on this machine, and a program is linked with it")


def check_size(kit, most=MOST_BYTES):
    """The folder's bytes; throws NotPrepared if they are too many, and names the largest files."""
    files = sorted(((path.stat().st_size, path) for path in kit.rglob("*") if path.is_file()), reverse=True)
    total = sum(size for size, _ in files)
    if total > most:
        largest = ", ".join(f"{path.relative_to(kit)} {size / 2**20:.1f} MiB" for size, path in files[:5])
        raise NotPrepared(f"'{kit}' holds {total / 2**20:.1f} MiB, more than {most / 2**20:.0f}; the largest are {largest}")
    return total


def for_a_card(root, folder):
    """Builds, and leaves the finished folder in place of an earlier one, or none."""
    begin = time.monotonic()
    if folder.exists() and not (folder / "kit.json").exists() and any(folder.iterdir()):
        raise NotPrepared(f"'{folder}' has other files in it")
    kit = folder.with_name(folder.name + ".part")
    shutil.rmtree(kit, ignore_errors=True)
    build_folder = root / "build" / "gpu"
    call("cmake", "-S", root, "-B", build_folder, *OPTIONS, "-DGLOW_CUDA_DEBUG=ON")
    build(build_folder, [KERNELS])
    install(build_folder / KERNELS, kit / "lib" / "debug" / KERNELS)
    call("cmake", "-S", root, "-B", build_folder, "-DGLOW_CUDA_DEBUG=OFF")
    build(build_folder, BUILT.values())
    for name, place in {**BUILT, f"lib/{KERNELS}": KERNELS}.items():
        install(build_folder / place, kit / name)
    common(root, kit, emulated=False)
    shutil.copy2(build_folder / "benchmarks" / "build.json", kit / "benchmarks" / "build.json")
    copy_libraries(kit)
    size = check_size(kit)
    shutil.rmtree(folder, ignore_errors=True)
    kit.rename(folder)
    print(f"{folder}: {size / 2**20:.1f} MiB, made in {time.monotonic() - begin:.0f} s")


def emulated(root, folder, kit):
    """The same folder with the programs that CMake's `folder` has for the emulated GPU; those that are missing are built."""
    if not (folder / "CMakeCache.txt").exists():
        call("cmake", "-S", root, "-B", folder, "-DGLOW_BUILD_TESTS=ON", "-DGLOW_BUILD_BENCHMARKS=ON")
    missing = [place for place in EMULATED.values() if not (folder / place).exists()]
    if missing:
        build(folder, missing)
    common(root, kit, emulated=True)
    shutil.copytree(root / "scripts" / "gpu_check_lib" / "stand_ins", kit / "stand_ins")
    for name, place in EMULATED.items():
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).symlink_to(folder / place)
    shutil.copy2(folder / "benchmarks" / "build.json", kit / "benchmarks" / "build.json")
