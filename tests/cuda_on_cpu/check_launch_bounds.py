"""check_launch_bounds.py FOLDER: every kernel is launched with the threads that its __launch_bounds__ promises, spelt alike.
A device refuses a launch with more; the host's compiler drops the attribute, so the emulation cannot. Prints what differs,
and exits 1 then."""
import pathlib
import re
import sys

DEFINITION = re.compile(r"__global__\s+void\s+__launch_bounds__\(")
LAUNCH = re.compile(r"\b(launch|launch_in_clusters)\(")
BLOCK_ARGUMENT = {"launch": 3, "launch_in_clusters": 4}


def arguments(text, begin):
    """The arguments of a call whose first one begins at `begin`, and where the call ends."""
    found, depth, first = [], 0, begin
    for i in range(begin, len(text)):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[i], 0)
        if depth < 0 or (depth == 0 and text[i] == ","):
            found.append(text[first:i].strip())
            first = i + 1
        if depth < 0:
            return found, i + 1
    raise SystemExit("a call has no end")


def merge_template_arguments(parts):
    """Joins again what `arguments` has split within <...>; kernels have no < of another kind among theirs."""
    merged = []
    for part in parts:
        if merged and merged[-1].count("<") > merged[-1].count(">"):
            merged[-1] += ", " + part
        else:
            merged.append(part)
    return merged


def promised(text):
    """Threads by kernel."""
    bounds = {}
    for match in DEFINITION.finditer(text):
        values, end = arguments(text, match.end())
        bounds[re.match(r"\s*(\w+)", text[end:]).group(1)] = values[0].replace(" ", "")
    return bounds


def initialiser(text, name, before):
    """What the variable `name` was given last; an empty text if it is none."""
    found = re.findall(r"\b" + name + r"\s*(?:=|\()([^;]*);", text[:before])
    return found[-1].removesuffix(")") if found else ""


def threads(text, block, before):
    """The product of a block's extents."""
    if re.fullmatch(r"\w+", block):
        block = "dim3(" + initialiser(text, block, before) + ")"
    extents, _ = arguments(block, len("dim3("))
    return "*".join(extents).replace(" ", "")


def check(path, text, bounds, launched):
    wrong = []
    for match in LAUNCH.finditer(text):
        values, _ = arguments(text, match.end())
        values = merge_template_arguments(values)
        if len(values) <= BLOCK_ARGUMENT[match.group(1)] or "..." in "".join(values):
            continue  # the definition of the launch itself
        kernel, block = values[1], values[BLOCK_ARGUMENT[match.group(1)]]
        if re.fullmatch(r"\w+", kernel) and kernel not in bounds:
            kernel = initialiser(text, kernel, match.start())
        line = text.count("\n", 0, match.start()) + 1
        for name in [n for n in re.findall(r"\w+", kernel) if n in bounds]:
            launched.add(name)
            if threads(text, block, match.start()) != bounds[name]:
                wrong.append(f"{path}:{line}: {name} is launched with {block}, but promises {bounds[name]}")
    return wrong


def read(path):
    """A file, with spaces for its comments."""
    return re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group()), path.read_text())


folder = pathlib.Path(sys.argv[1])
sources = {p: read(p) for p in sorted(folder.iterdir()) if p.suffix in (".cu", ".cuh")}
bounds = {path: promised(text) for path, text in sources.items()}
in_headers = {k: v for path, of in bounds.items() if path.suffix == ".cuh" for k, v in of.items()}
launched = set()
report = [line for p, text in sources.items() for line in check(p, text, {**in_headers, **bounds[p]}, launched)]
report += [f"{p}: no launch of {k} was found" for p, of in bounds.items() for k in of if k not in launched]
print("\n".join(report) or f"{len(launched)} kernels are launched as they promise")
sys.exit(bool(report))
