"""kernel_resources.py FOLDER: prints what every kernel takes, from the *.ptxas files that the build of glow::cuda left there
(cmake/keep_ptxas_report), a line a kernel and architecture; exits 1 if one spills registers to memory, if its wgmma products
wait for one another, or if it declares more shared memory than launches reckon with."""
import pathlib
import re
import subprocess
import sys


MOST_STATIC_SHARED = 16 * 1024  # most_static_shared of kernels/common.cuh


def demangle(names):
    out = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True).stdout
    return dict(zip(names, out.splitlines()))


def short(name):
    """The kernel's name with its template arguments, but without its parameters."""
    name = re.sub(r"\bglow::v\d+_\d+::", "glow::", name)  # the version's inline namespace
    name = name.replace("(anonymous namespace)::", "").replace("glow::kernels::", "").removeprefix("void ")
    depth = 0
    for i in range(len(name) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(name[i], 0)
        if depth == 0:
            return name[:i]
    return name


def kernels(folder):
    """(name, architecture, registers, spill bytes, stack bytes, shared bytes)"""
    for report in sorted(folder.rglob("*.ptxas")):
        name = architecture = None
        stack = spill = 0
        for line in report.read_text().splitlines():
            if match := re.search(r"Compiling entry function '(\w+)' for '(\w+)'", line):
                name, architecture = match.groups()
            elif match := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", line):
                stack, spill = int(match[1]), int(match[2]) + int(match[3])
            elif name and (match := re.search(r"Used (\d+) registers", line)):
                shared = re.search(r"(\d+) bytes smem", line)
                yield name, architecture, int(match[1]), spill, stack, int(shared[1]) if shared else 0
                name = None


def serialized(folder):
    """What ptxas says of kernels whose wgmma products it had to make wait for one another."""
    return [line for report in sorted(folder.rglob("*.ptxas")) for line in report.read_text().splitlines()
            if "wgmma.mma_async instructions are serialized" in line]


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = list(kernels(folder))
    if not rows:
        sys.exit(f"no *.ptxas files with kernels below {sys.argv[1]}")
    names = demangle([row[0] for row in rows])
    print(f"{'kernel':<90} {'for':<8} {'registers':>9} {'spills':>7} {'stack':>6} {'shared':>7}")
    for name, architecture, registers, spill, stack, shared in rows:
        print(f"{short(names[name])[:90]:<90} {architecture:<8} {registers:>9} {spill:>7} {stack:>6} {shared:>7}")
    spilling = [row for row in rows if row[3] > 0]
    print(f"{len(rows)} compiled kernels, {len(spilling)} of them spill registers")
    large = [row for row in rows if row[5] > MOST_STATIC_SHARED]
    print(f"{len(large)} of them declare more than {MOST_STATIC_SHARED} bytes of shared memory")
    waiting = serialized(folder)
    print("".join(line + "\n" for line in waiting), end="")
    sys.exit(1 if spilling or waiting or large else 0)


if __name__ == "__main__":
    main()
