"""Whether there is a GPU that the programs run on, asked of the driver in a process of its own, which may hang."""
import subprocess
import sys

ASK = """
import ctypes, sys
try:
    driver = ctypes.CDLL("libcuda.so.1")
except OSError:
    sys.exit("no NVIDIA driver is installed (libcuda.so.1 is missing)")
def call(name, *arguments):
    status = getattr(driver, name)(*arguments)
    if status != 0:
        sys.exit(f"the driver answers {name} with error {status}")
call("cuInit", 0)
count, major, minor, name = ctypes.c_int(), ctypes.c_int(), ctypes.c_int(), ctypes.create_string_buffer(100)
call("cuDeviceGetCount", ctypes.byref(count))
if count.value == 0:
    sys.exit("the driver knows of no GPU")
call("cuDeviceGetName", name, 100, 0)
call("cuDeviceGetAttribute", ctypes.byref(major), 75, 0)  # compute capability
call("cuDeviceGetAttribute", ctypes.byref(minor), 76, 0)
print(name.value.decode(), f"{major.value}.{minor.value}", sep="\\t")
"""


def usable():
    """Name and compute capability of the GPU; throws RuntimeError if there is none, or one that the programs do not run on."""
    try:
        answer = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:
        raise RuntimeError("no GPU can be used: the driver has not answered in 30 s") from None
    if answer.returncode != 0:
        raise RuntimeError(f"no GPU can be used: {answer.stderr.strip()}; without one, use 'gpu_check run --emulated'")
    name, capability = answer.stdout.strip().split("\t")
    if capability != "9.0":
        raise RuntimeError(f"{name} has compute capability {capability}, but the programs are compiled for 9.0")
    return f"{name}, compute capability {capability}"
