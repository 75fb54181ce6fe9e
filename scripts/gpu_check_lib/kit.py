"""The folder that `gpu_check prepare` makes, laid out as the source tree is where both have the same things:

    run                     runs gpu_check from this folder
    kit.json                {"emulated", "commit", "architectures"}
    scripts/                gpu_check with its parts
    bin/                    the programs
    lib/                    libglow_cuda.so with the kernels, and shared libraries that the other machine may lack
    lib/debug/              libglow_cuda.so in the debug form (GLOW_CUDA_DEBUG)
    benchmarks/             compare.py with its parts and peers, glow_worker, build.json
    data/, tests/fixtures/  what the tests read
    stand_ins/              of an emulated kit alone: programs in place of NVIDIA's tools
"""
import functools
import glob
import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAMS = ["bin/cuda_gpu_tests", "bin/parity_fixture", "bin/glow_gpu_benchmark", "bin/glow", "benchmarks/glow_worker"]


class Kit:
    """A prepared folder. Throws RuntimeError if it is none."""

    def __init__(self, folder):
        self.folder = folder
        try:
            about = json.loads((folder / "kit.json").read_text())
        except OSError:
            raise RuntimeError(f"'{folder}' has not been prepared: 'gpu_check prepare DIR' makes a folder, and DIR/run runs it") \
                from None
        self.emulated = about["emulated"]

    def program(self, name):
        return self.folder / "bin" / name

    def fixtures(self):
        return sorted((self.folder / "tests" / "fixtures").glob("*.safetensors"))

    def environment(self):
        """That of every program that runs."""
        env = {**os.environ, "GLOW_TEST_DATA": str(self.folder / "data"), "PYTHONUNBUFFERED": "1"}
        if self.emulated:
            env["PATH"] = f"{self.folder / 'stand_ins'}:{env['PATH']}"
        return env

    def with_debug_form(self, env):
        """An environment in which programs find the debug form of the kernels. The emulated kernels have only one form."""
        return {**env, "LD_LIBRARY_PATH": f"{self.folder / 'lib' / 'debug'}:{env.get('LD_LIBRARY_PATH', '')}".rstrip(":")}


#: Among a program's words: libraries that it loads when it uses a GPU.
LOADED = re.compile(rb"libcublas\.so\.\d+")


def missing_libraries(program, env):
    """Names of the shared libraries that the loader does not find for a program or what it is linked with, those too that are loaded
    when a GPU is used; none for a script."""
    if program.read_bytes()[:4] != b"\x7fELF":
        return []
    said = subprocess.run(["ldd", program], capture_output=True, text=True, env=env, timeout=10).stdout
    missing = re.findall(r"^\s*(\S+) => not found", said, re.M)
    parts = [program, *map(pathlib.Path, re.findall(r"=> (/\S*libglow\S*)", said))]
    loaded = {name.decode() for part in parts for name in LOADED.findall(part.read_bytes())}
    return missing + sorted(name for name in loaded if not loads(name, env.get("LD_LIBRARY_PATH", "")))


@functools.cache  # all programs ask for the same few
def loads(library, search_path):
    """Whether the loader finds it with this LD_LIBRARY_PATH."""
    command = [sys.executable, "-c", f"import ctypes; ctypes.CDLL({library!r})"]
    env = {**os.environ, "LD_LIBRARY_PATH": search_path}
    return subprocess.run(command, capture_output=True, env=env, timeout=10).returncode == 0


def folders_of(libraries):
    """Where libraries are that the loader does not find by itself: cuBLAS may be part of Python's packages. One folder at most for
    each, since others in it may stand in the way of other programs."""
    places = [folder for path in sys.path for folder in glob.glob(os.path.join(path, "nvidia", "*", "lib"))]
    places += glob.glob("/usr/local/cuda*/lib64")
    found = [next((place for place in places if os.path.exists(os.path.join(place, library))), None) for library in libraries]
    return sorted(set(filter(None, found)))
