#!/usr/bin/env python3
"""packaging_check.py SOURCE_DIR: presets and recipes say what the tree says.

The version of the vcpkg port is that of glow/version.hpp; every option GLOW_... that a preset or a recipe sets is one that
CMake has; presets that others name are there. Exits 1 and names what differs.
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])


def text(name):
    return (ROOT / name).read_text()


def options_of_cmake():
    sources = [ROOT / "CMakeLists.txt", *sorted(ROOT.glob("*/**/CMakeLists.txt")), *sorted((ROOT / "cmake").glob("*.cmake"))]
    sources = [s for s in sources if not s.relative_to(ROOT).parts[0].startswith("build")]
    return {name for s in sources for name in re.findall(r"(?:option\(|set\()(GLOW_[A-Z_]+)(?= .*(?:\"|CACHE))", s.read_text())}


def main():
    wrong = []
    version = ".".join(re.findall(r"#define GLOW_VERSION_(?:MAJOR|MINOR|PATCH) ([0-9]+)", text("include/glow/version.hpp")))
    port = json.loads(text("packaging/vcpkg/glow/vcpkg.json"))["version-semver"]
    if port != version:
        wrong.append(f"packaging/vcpkg/glow/vcpkg.json: version {port}, and glow/version.hpp has {version}")

    presets = json.loads(text("CMakePresets.json"))
    names = {p["name"] for p in presets["configurePresets"]}
    for preset in presets["buildPresets"] + presets["testPresets"]:
        if preset["configurePreset"] not in names:
            wrong.append(f"CMakePresets.json: no preset {preset['configurePreset']}")
    variables = {v for p in presets["configurePresets"] for v in p.get("cacheVariables", {})}
    set_somewhere = {"CMakePresets.json": {v for v in variables if v.startswith("GLOW_")},
                     "portfile.cmake": set(re.findall(r"-D(GLOW_\w+)=", text("packaging/vcpkg/glow/portfile.cmake")))}
    recipe = text("packaging/conan/conanfile.py")
    for prefix in "GLOW_BUILD_", "GLOW_":
        parts = re.search(r"for part in ((?:\"[A-Z]+\"(?:, )?)+):\n.*\"" + prefix + r"\{part\}", recipe).group(1)
        set_somewhere[f"conanfile.py, {prefix}"] = {prefix + part for part in re.findall(r"[A-Z]+", parts)}
    known = options_of_cmake()
    for where, options in set_somewhere.items():
        wrong += [f"{where}: CMake has no option {option}" for option in sorted(options - known)]
        if not options:
            wrong.append(f"{where}: sets no option")
    print("\n".join(wrong) or f"version {version}; {sum(map(len, set_somewhere.values()))} options are known")
    return 1 if wrong else 0


sys.exit(main())
