"""numpy_check.py FOLDER: archives of NumPy have the tensors and the metadata of the model, and examples/python/evaluate.py gives
our log p(x) of it, or says what it does not read."""
import importlib.util
import pathlib
import subprocess
import sys

import cases

np, safetensors = cases.need("numpy", "safetensors.numpy")

TOLERANCE = 1e-5
EVALUATE = pathlib.Path(__file__).parents[2] / "examples/python/evaluate.py"
spec = importlib.util.spec_from_file_location("evaluate", EVALUATE)
evaluate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(evaluate)
NOT_READ = {"additive": "model.coupling is additive", "exp": "model.coupling is exp", "spline": "model.coupling is spline",
            "options": "model.network is actnorm scaled_output edges", "classes": "model.classes is 5",
            "classes_everywhere": "model.classes is 5", "context": "model.context is 6",
            "first_half": "model.condition_on is first_half", "continuous": "model.domain is continuous",
            "format_1": "model.coupling is exp", "shifted": "model.coupling is shifted",
            "top_of_ones": "model.prior_edges is true"}


def refuse_newer(folder):
    """A file of a version that is not there yet is refused by its number."""
    safetensors.save_file({}, folder / "newer", {"format": "glow-checkpoint-3"})
    try:
        evaluate.log_prob(folder / "newer", None)
    except ValueError as error:
        assert "format glow-checkpoint-3 is not" in str(error), error
        return
    raise AssertionError("evaluate.py took a newer file")


def check(folder, name):
    with np.load(folder / f"{name}.npz") as archive:
        arrays = dict(archive)
    metadata = {key.removeprefix("glow/"): str(arrays.pop(key)) for key in list(arrays) if key.startswith("glow/")}
    told = cases.same_as_model_file(folder, name, arrays, metadata)
    golden, model = np.load(folder / f"{name}.golden.npz"), folder / f"{name}.safetensors"
    if name in NOT_READ:
        try:
            evaluate.log_prob(model, golden["x"].astype(float))
        except ValueError as error:
            assert NOT_READ[name] in str(error), error
            return f"{told}; evaluate.py: {error.args[0].split(': ')[1]}"
        raise AssertionError(f"{name}: evaluate.py took it")
    np.save(folder / "x.npy", golden["x"])
    printed = subprocess.run([sys.executable, EVALUATE, model, folder / "x.npy"], check=True, capture_output=True, text=True)
    worst = cases.difference(np.array(printed.stdout.split(), float), golden["log_p"])
    assert worst <= TOLERANCE, f"{name}: log p differs by {worst}"
    return f"{told}; evaluate.py: log p {worst:.1e}"


assert len(EVALUATE.read_text().splitlines()) <= 60
refuse_newer(pathlib.Path(sys.argv[1]))
cases.run(check)
