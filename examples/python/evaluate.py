"""evaluate.py MODEL.safetensors IMAGES.npy: prints log p(x), in nats, of images x [N, H, W, C], which are in the model's numbers.

What a model file means (docs/format.md), in NumPy and Python's safetensors, for affine couplings and 1x1 convolutions."""
import json, sys
import numpy as np
from safetensors import safe_open

def read(path):
    """What a file says of its model, and the model's tensors: the averaged ones where there are some."""
    with safe_open(path, "numpy") as file:
        said, names = file.metadata() or {}, set(file.keys())
        average = "average/" if int(said.get("adam_steps", 0)) > 0 else "none/"
        tensors = {n: file.get_tensor(average + n if average + n in names else n).astype(float) for n in names}
    if said.get("format") == "glow-checkpoint-1":  # which has the settings of its run
        run = {"levels": 3, "depth": 16, "learn_top_prior": True, **json.loads(said["config"])}
        said = {f"model.{key}": str(value) for key, value in run.items() if key != "classes"}
        said["model.classes"] = str(len(run.get("class_names", [])))
    elif said.get("format") != "glow-checkpoint-2":
        raise ValueError(f"{path}: format {said.get('format')} is not glow-checkpoint-1 or -2")
    for key, known in (("coupling", "affine"), ("permutation", "lu"), ("classes", "0"), ("context", ""), ("network", ""),
                       ("condition_on", "second_half"), ("domain", "pixels"), ("prior_edges", "false")):
        if said.get("model." + key, known) != known:
            raise ValueError(f"{path}: model.{key} is {said['model.' + key]}; this reads {known or 'none'} alone")
    return said, tensors

def conv3x3(x, p, name):
    padded, (h, w) = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), x.shape[1:3]
    return p[name + "/bias"] + sum(padded[:, i:i + h, j:j + w] @ p[name + "/kernel"][i, j] for i in range(3) for j in range(3))

def log_prob(path, x):
    said, p = read(path)
    levels, log_p = int(said["model.levels"]), 0
    for level in range(1, levels + 1):
        n, h, w, c = x.shape[0], x.shape[1] // 2, x.shape[2] // 2, 4 * x.shape[3]
        x = x.reshape(n, h, 2, w, 2, c // 4).transpose(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        for step in range(1, int(said["model.depth"]) + 1):
            q = {k.split("/", 2)[2]: v for k, v in p.items() if k.startswith(f"level{level}/step{step}/")}
            lower = np.tril(q["conv1x1/lower"], -1) + np.eye(c)
            upper = np.triu(q["conv1x1/upper"], 1) + np.diag(q["conv1x1/sign_s"] * np.exp(q["conv1x1/log_s"]))
            x = (x + q["actnorm/bias"]) * np.exp(q["actnorm/log_scale"]) @ (q["conv1x1/permutation"] @ lower @ upper).T
            a, b = np.split(x, [c // 2], axis=3)
            hidden = np.maximum(conv3x3(b, q, "coupling/conv1"), 0)
            hidden = np.maximum(hidden @ q["coupling/conv2/kernel"] + q["coupling/conv2/bias"], 0)
            mu, raw = np.split(conv3x3(hidden, q, "coupling/conv3"), 2, axis=3)
            log_scale = -np.logaddexp(0, -(raw + 2))  # log sigmoid(raw + 2)
            x = np.concatenate([a * np.exp(log_scale) + mu, b], axis=3)
            log_p += h * w * (q["actnorm/log_scale"].sum() + q["conv1x1/log_s"].sum()) + log_scale.sum((1, 2, 3))
        z, prior = x, p.get("top/prior/bias", np.zeros(2 * c))
        if level < levels:
            z, x = np.split(x, [c // 2], axis=3)
            prior = conv3x3(x, p, f"level{level}/split/prior")
        mu, log_sigma = np.split(prior, 2, axis=-1)
        log_p += (-log_sigma - np.log(2 * np.pi) / 2 - ((z - mu) * np.exp(-log_sigma)) ** 2 / 2).sum((1, 2, 3))
    return log_p

if __name__ == "__main__":
    print(*log_prob(sys.argv[1], np.load(sys.argv[2]).astype(float)), sep="\n")
