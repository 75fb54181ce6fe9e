"""A Glow in JAX, jitted, to measure against: a worker (see worker.py).

    echo train 2 | python3 benchmarks/peers/glow_jax.py --setting middle [--device cuda] [--precision bf16]
"""
import math
import os
from functools import partial

import worker

a, s = worker.arguments(__doc__)
# Other workers need the GPU's memory too.
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
os.environ["JAX_PLATFORMS"] = a.device
if a.device == "cpu":
    # XLA takes as many threads as it may run on.
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:a.threads]))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jax.scipy.linalg  # noqa: E402

if a.precision == "full":
    jax.config.update("jax_default_matmul_precision", "highest")  # else a GPU rounds operands to TF32


def conv(x, kernel, dtype=None):
    if dtype is not None:
        x, kernel = x.astype(dtype), kernel.astype(dtype)
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def init_step(key, c, width):
    k1, k2, k3 = jax.random.split(key, 3)
    half = c // 2
    p, lower, upper = jax.scipy.linalg.lu(jnp.linalg.qr(jax.random.normal(k1, (c, c)))[0])
    d = jnp.diag(upper)
    params = {
        "bias": jnp.zeros(c), "log_scale": jnp.zeros(c),
        "lower": lower, "upper": jnp.triu(upper, 1), "log_s": jnp.log(jnp.abs(d)),
        "k1": jax.random.normal(k2, (3, 3, half, width)) / math.sqrt(9 * half), "b1": jnp.zeros(width),
        "k2": jax.random.normal(k3, (1, 1, width, width)) / math.sqrt(width), "b2": jnp.zeros(width),
        "k3": jnp.zeros((3, 3, width, c)), "b3": jnp.zeros(c),
    }
    return params, {"p": p, "sign_s": jnp.sign(d)}


def init(key):
    params, constants, priors = [], [], []
    for level, (_, c) in enumerate(s.level_shapes()):
        pairs = [init_step(k, c, s.width) for k in jax.random.split(jax.random.fold_in(key, level), s.depth)]
        params.append([p for p, _ in pairs])
        constants.append([k for _, k in pairs])
        if level + 1 < s.levels:
            priors.append({"kernel": jnp.zeros((3, 3, c // 2, c)), "bias": jnp.zeros(c)})
    return {"steps": params, "priors": priors}, constants


def fill_zeros(params):
    """In place of zeros, the last kernels among them, numbers N(0, 0.01^2), as benchmarks/model/no_zeros.hpp does."""
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.PRNGKey(3), len(leaves))
    return jax.tree.unflatten(tree, [p if p.any() else 0.01 * jax.random.normal(key, p.shape)
                                     for p, key in zip(leaves, keys)])


def weight(p, k):
    lower = jnp.tril(p["lower"], -1) + jnp.eye(len(p["log_s"]))
    return k["p"] @ (lower @ (jnp.triu(p["upper"], 1) + jnp.diag(k["sign_s"] * jnp.exp(p["log_s"]))))


def affine(p, x_b):
    dtype = jnp.bfloat16 if a.precision == "bf16" else None
    h = jax.nn.relu(conv(x_b, p["k1"], dtype) + p["b1"])
    h = jax.nn.relu(conv(h, p["k2"], dtype) + p["b2"])
    return jnp.split(conv(h, p["k3"], dtype).astype(jnp.float32) + p["b3"], 2, -1)


def scaled(x_a, h):
    """x_a times sigmoid(h + 2), and the logarithm of these scales."""
    return jax.nn.sigmoid(h + 2) * x_a, jax.nn.log_sigmoid(h + 2)


def step_forward(p, k, x, logdet):
    pixels = x.shape[1] * x.shape[2]
    x = ((x + p["bias"]) * jnp.exp(p["log_scale"])) @ weight(p, k).T
    x_a, x_b = jnp.split(x, 2, -1)
    mu, h = affine(p, x_b)
    x_a, log_scale = scaled(x_a, h)
    logdet += pixels * (p["log_scale"].sum() + p["log_s"].sum()) + log_scale.sum((1, 2, 3))
    return jnp.concatenate([x_a + mu, x_b], -1), logdet


def step_inverse(p, k, y):
    y_a, y_b = jnp.split(y, 2, -1)
    mu, h = affine(p, y_b)
    y = jnp.concatenate([(y_a - mu) * (1 + jnp.exp(-h - 2)), y_b], -1) @ jnp.linalg.inv(weight(p, k)).T
    return y * jnp.exp(-p["log_scale"]) - p["bias"]


def squeeze(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h // 2, w // 2, 4 * c)


def unsqueeze(x):
    n, h, w, c = x.shape
    return x.reshape(n, h, w, 2, 2, c // 4).transpose(0, 1, 3, 2, 4, 5).reshape(n, 2 * h, 2 * w, c // 4)


def log_normal(z, mu, log_sigma):
    return (-log_sigma - 0.5 * math.log(2 * math.pi) - 0.5 * ((z - mu) * jnp.exp(-log_sigma)) ** 2).sum((1, 2, 3))


def log_p(params, constants, x):
    total = jnp.zeros(x.shape[0])
    for level, steps in enumerate(params["steps"]):
        x = squeeze(x)
        for p, k in zip(steps, constants[level]):
            x, total = step_forward(p, k, x, total)
        if level + 1 < s.levels:
            z, x = jnp.split(x, 2, -1)
            prior = params["priors"][level]
            total += log_normal(z, *jnp.split(conv(x, prior["kernel"]) + prior["bias"], 2, -1))
    return total + log_normal(x, 0.0, jnp.zeros(()))


def sample(params, constants, eps):
    x = eps[-1]
    for level in reversed(range(s.levels)):
        if level + 1 < s.levels:
            prior = params["priors"][level]
            mu, log_sigma = jnp.split(conv(x, prior["kernel"]) + prior["bias"], 2, -1)
            x = jnp.concatenate([mu + jnp.exp(log_sigma) * eps[level], x], -1)
        for p, k in zip(reversed(params["steps"][level]), reversed(constants[level])):
            x = step_inverse(p, k, x)
        x = unsqueeze(x)
    return x


@partial(jax.jit, donate_argnums=0)
def train_step(state, constants, x):
    params, m, v, t = state

    def loss(params):
        return -log_p(params, constants, x).mean() / (x[0].size * math.log(2))

    value, gradient = jax.value_and_grad(loss)(params)
    t += 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    params = jax.tree.map(
        lambda p, m, v: p - 1e-9 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), params, m, v)
    return (params, m, v, t), value


def flops(jaxpr):
    """Floating-point operations of the convolutions and products on images, of all that a traced function does."""
    n = 0
    for e in jaxpr.eqns:
        shapes = [v.aval.shape for v in e.invars]
        if e.primitive.name == "conv_general_dilated":
            n += 2 * math.prod(e.outvars[0].aval.shape) * math.prod(shapes[1][:-1])
        elif e.primitive.name == "dot_general" and len(shapes[0]) == 4:
            n += 2 * math.prod(e.outvars[0].aval.shape) * shapes[0][-1]
        n += sum(flops(inner.jaxpr) for inner in e.params.values() if hasattr(inner, "jaxpr"))
    return n


def main():
    params, constants = init(jax.random.PRNGKey(0))
    params = fill_zeros(params)
    key = jax.random.PRNGKey(1)
    x = jax.random.uniform(key, (s.batch, s.side, s.side, s.channels)) - 0.5
    eps = [jax.random.normal(key, (s.batch, side, side, c // 2 if level + 1 < s.levels else c))
           for level, (side, c) in enumerate(s.level_shapes())]
    density, draw = jax.jit(log_p), jax.jit(sample)
    # Training gives its state away to be written over, so it has parameters of its own.
    state = [(jax.tree.map(jnp.copy, params), jax.tree.map(jnp.zeros_like, params),
              jax.tree.map(jnp.zeros_like, params), jnp.zeros(()))]

    def train():
        state[0], value = train_step(state[0], constants, x)
        value.block_until_ready()

    worker.serve(
        a, s, "JAX", {"jax": jax.__version__, "jaxlib": jax.lib.__version__},
        threads=len(os.sched_getaffinity(0)), device_name=jax.devices()[0].device_kind,
        parameters=sum(p.size for p in jax.tree.leaves(params)),
        log_p_flops=flops(jax.make_jaxpr(log_p)(params, constants, x).jaxpr) / s.batch,
        verbs={"train": train,
               "log_p": lambda: density(params, constants, x).block_until_ready(),
               "sample": lambda: draw(params, constants, eps).block_until_ready()})


if __name__ == "__main__":
    main()
