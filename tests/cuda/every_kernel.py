"""every_kernel.py PROGRAM ARGUMENT ...: runs a program of tests on the emulated GPU. Exits 1 if the program fails, or if it leaves
out a kernel that is compiled into it. The program's symbol table names its kernels; one is run if any of its instantiations is,
but each pass of a network counts as a kernel of its own."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KERNEL = re.compile(r"(?:void )?glow::(?:v\d+_\d+::)?kernels::\(anonymous namespace\)::(\w+_kernel)(<.*>)?\(")
ONLY_LOADED = {"empty_kernel"}  # usable.cu asks for its attributes


def symbols(program):
    """The address of the emulation's origin, and {address: kernel}."""
    table = subprocess.run(["nm", "-C", program], capture_output=True, text=True, check=True).stdout
    origin, kernels = None, {}
    for line in table.splitlines():
        match = re.match(r"([0-9a-f]+) [tTwW] (.*)", line)
        if match is None or "[clone" in line:
            continue
        if match[2] == "glow_emulation_origin":
            origin = int(match[1], 16)
        elif kernel := KERNEL.match(match[2]):
            network_pass = re.search(r"NetworkPass\)\d", kernel[2] or "")
            kernels[int(match[1], 16)] = kernel[1] + (f"<({network_pass[0]}>" if network_pass else "")
    return origin, kernels


def main(command):
    origin, kernels = symbols(command[0])
    with tempfile.TemporaryDirectory() as folder:
        launched_file = pathlib.Path(folder, "launched")
        status = subprocess.run(command, env=os.environ | {"GLOW_EMULATION_KERNELS": str(launched_file)}).returncode
        if status != 0:
            return f"{command[0]}: exit status {status}"
        launched = {kernels.get(origin + int(line)) for line in launched_file.read_text().split()} - {None}
    due = set(kernels.values()) - ONLY_LOADED
    missing = sorted(due - launched)
    print(f"{len(launched)} of {len(due)} kernels were launched")
    return "never launched: " + ", ".join(missing) if missing else 0


sys.exit(main(sys.argv[1:]))
