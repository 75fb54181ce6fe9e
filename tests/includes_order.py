#!/usr/bin/env python3
"""includes_order.py INCLUDE_DIR: headers include only headers of their own folder and of those below it.

docs/architecture.md says what the folders are; here is their order. Exits 1 and names each include that goes up.
"""
import re
import sys
from pathlib import Path

# A folder and those that it may include, nearest first. Of ops, `cpu` and `cuda` are the same at the same height.
BELOW = {
    "core": [],
    "ops": ["core"],
    "ops/maps": ["ops", "core"],
    "ops/kernels": ["ops/maps", "ops", "core"],
    "ops/cpu": ["ops/maps", "ops", "core"],
    "ops/cuda": ["ops/kernels", "ops/cpu", "ops/maps", "ops", "core"],
    "ad": ["ops/cuda", "ops/cpu", "ops", "core"],
    "layers": ["ad", "ops/cuda", "ops/cpu", "ops/maps", "ops", "core"],
    "flow": ["layers", "ad", "ops/cuda", "ops/cpu", "ops/maps", "ops", "core"],
    "ranks": ["ops/cuda", "ops/kernels", "ops/cpu", "ops", "core"],
    "optim": ["ops/cuda", "ops/cpu", "ops", "core"],
    "train": ["optim", "ranks", "flow", "layers", "ad", "ops/cuda", "ops/cpu", "ops/maps", "ops", "core"],
    "io": ["core"],
    "saved": ["train", "optim", "ranks", "flow", "layers", "ad", "ops/cuda", "ops/cpu", "ops/maps", "ops", "io", "core"],
    "runtime": ["saved", "train", "optim", "ranks", "flow", "layers", "ops", "io", "core"],
    "data": ["io", "core"],
    "eigen": ["core"],
}


def folder_of(header: str) -> str:
    parts = header.split("/")[:-1]
    nested = "/".join(parts[:2])
    return nested if nested in BELOW else parts[0] if parts else ""


def without_version(root: Path) -> list[str]:
    """Headers that open glow's namespace before its version's namespace is known."""
    text = {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*.hpp")}
    included = {name: re.findall(r"^#include <glow/([^>]+)>", t, re.MULTILINE) for name, t in text.items()}

    def reached(name: str, seen: set[str]) -> set[str]:
        if name not in seen:
            seen.add(name)
            for other in included.get(name, []):
                reached(other, seen)
        return seen

    return [
        f"{name} opens the namespace glow, but includes nothing that includes version.hpp"
        for name, t in sorted(text.items()) if "\nnamespace glow" in t and "version.hpp" not in reached(name, set())
    ]


def not_versioned(root: Path) -> list[str]:
    """Namespaces that are opened without the version's."""
    opened = re.compile(r"^namespace glow(?!::inline GLOW_VERSION_NAMESPACE\b).*\{", re.MULTILINE)
    return [
        f"{path.relative_to(root).as_posix()}: '{line}' lacks 'inline GLOW_VERSION_NAMESPACE'"
        for path in sorted(root.rglob("*.hpp"))
        for line in opened.findall(path.read_text())
    ]


def main() -> int:
    root = Path(sys.argv[1]) / "glow"
    wrong, count = [], 0
    for path in sorted(root.rglob("*.hpp")):
        header = path.relative_to(root).as_posix()
        folder = folder_of(header)
        if not folder:
            continue  # glow.hpp, cuda.hpp and eigen.hpp, which are all of it
        if folder not in BELOW:
            wrong.append(f"{header}: the folder '{folder}' has no place in the order")
            continue
        for included in re.findall(r"^#include <glow/([^>]+)>", path.read_text(), re.MULTILINE):
            count += 1
            if included == "version.hpp":
                continue  # below all
            to = folder_of(included)
            if to != folder and to not in BELOW[folder]:
                wrong.append(f"{header} includes {included}: '{to or included}' is not below '{folder}'")
    wrong += without_version(root) + not_versioned(root)
    print("\n".join(wrong) or f"{count} includes go down")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
