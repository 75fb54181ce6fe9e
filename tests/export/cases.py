"""The cases that export_cases wrote, for the checks beside this file, and how these end where Python lacks a package."""
import importlib
import pathlib
import sys

SKIPPED = 77  # what CTest counts as skipped


def need(*packages):
    """The modules of these names; ends the program as skipped where one is missing."""
    try:
        return [importlib.import_module(p) for p in packages]
    except ImportError as error:
        print(f"skipped: {error}")
        sys.exit(SKIPPED)


def run(check):
    """Calls check(folder, case) for each case in the folder that the command line names."""
    folder = pathlib.Path(sys.argv[1])
    names = sorted(p.name.removesuffix(".golden.npz") for p in folder.glob("*.golden.npz"))
    assert names, f"there are no cases in {folder}"
    for name in names:
        print(f"{name}: {check(folder, name)}")


def difference(a, b):
    """Largest |a - b| by the largest |b|, or by 1."""
    import numpy as np
    assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
    assert np.isfinite(a).all() and np.isfinite(b).all(), "there are numbers that are not finite"
    return float(np.max(np.abs(a.astype(float) - b)) / max(1, np.max(np.abs(b))))


def metadata_of(path):
    """Of a model file."""
    import safetensors
    with safetensors.safe_open(path, "numpy") as file:
        return file.metadata()


def same_as_model_file(folder, name, tensors, metadata):
    """Throws unless these are the tensors of the case's model file, bit for bit, and what it says of the model."""
    import numpy as np
    from safetensors.numpy import load_file
    model = folder / f"{name}.safetensors"
    stored, said = load_file(model), metadata_of(model)
    average = "average/" if int(said.get("adam_steps", 0)) > 0 else "none/"
    ours = {k: stored.get(average + k, v) for k, v in stored.items()
            if not k.startswith(("optimizer/", "average/", "data/"))}
    assert sorted(tensors) == sorted(ours), set(tensors) ^ set(ours)
    for key, value in ours.items():
        assert tensors[key].dtype == np.float32 and tensors[key].shape == value.shape, key
        assert tensors[key].tobytes() == value.tobytes(), key
    assert metadata["format"] == "glow-checkpoint-2"
    if said["format"] == metadata["format"]:
        described = {k: v for k, v in said.items() if k == "format" or k.startswith("model.")}
        assert metadata == described, (metadata, described)
    return f"{len(tensors)} tensors"
