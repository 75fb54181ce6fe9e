"""onnx_check.py FOLDER: runs the graphs of all cases by onnxruntime, and compares what they make with our numbers."""
import cases

np, onnx, onnxruntime = cases.need("numpy", "onnx", "onnxruntime")

TOLERANCE = 1e-4


def session(folder, name, graph):
    path = folder / f"{name}.{graph}.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check(folder, name):
    golden = dict(np.load(folder / f"{name}.golden.npz"))
    levels = sum(key.startswith("z") for key in golden)
    given = {k: golden[k] for k in ("labels", "context") if k in golden}
    if "labels" in given:
        given["labels"] = given["labels"].astype(np.int64)
    log_p, sample = session(folder, name, "log_p"), session(folder, name, "sample")
    outputs = [f"{kind}{level}" for level in range(1, levels + 1) for kind in ("z", "eps")] + ["log_p"]
    assert [o.name for o in log_p.get_outputs()] == outputs, [o.name for o in log_p.get_outputs()]
    assert {i.name for i in log_p.get_inputs()} == {"x", *given}
    assert log_p.get_inputs()[0].shape == ["N", *golden["x"].shape[1:]]
    assert {i.name for i in sample.get_inputs()} == {f"eps{level}" for level in range(1, levels + 1)} | {
        "temperature", *given}

    worst = {}

    def compare(what, made, right):
        worst[what] = max(worst.get(what, 0), cases.difference(made, right))
        assert worst[what] <= TOLERANCE, f"{name}: {what} differs by {worst[what]}"

    for count in (len(golden["x"]), 1):  # any number of samples
        some = {k: v[:count] for k, v in given.items()}
        made = dict(zip(outputs, log_p.run(outputs, {"x": golden["x"][:count], **some})))
        for key in outputs:
            compare(key.rstrip("0123456789"), made[key], golden[key][:count])

        def images(draws, temperature):
            eps = {f"eps{level}": draws(level)[:count] for level in range(1, levels + 1)}
            return sample.run(["x"], {**eps, "temperature": np.array(temperature, np.float32), **some})[0]

        compare("reconstruction", images(lambda level: made[f"eps{level}"], 1), golden["x"][:count])
        compare("sample", images(lambda level: golden[f"draw{level}"], 0.7), golden["sample"][:count])
    return ", ".join(f"{what} {value:.1e}" for what, value in worst.items())


cases.run(check)
