#!/usr/bin/env python3
"""make_torch_files.py FOLDER: writes small files as programs in PyTorch save their Glows, and golden numbers of each.

NAME.pt holds random weights under the names of rosinality/glow-pytorch, y0ast/Glow-PyTorch, chaiyujin/glow-pytorch or
normflows. NAME.safetensors holds what they give in float64, by the equations of docs/import.md, in glow's numbers and
order of channels: x and sample [N, H, W, C], log_p [N] in nats, z.L and eps.L [N, h, w, c] of each level.
arrays.pt holds one tensor of each type, and views. Needs PyTorch. No code of these programs is used.
"""
import collections
import json
import math
import pathlib
import struct
import sys

import torch
from torch.nn.functional import conv2d, pad

torch.set_default_dtype(torch.float64)


def write_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, t in tensors.items():
        raw = t.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F64", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class State:
    """Tensors by name, drawn when they are first asked for; float32 in the file, float64 to compute with."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = collections.OrderedDict()

    def draw(self, name, shape, scale, around=0.0):
        t = (torch.randn(shape, generator=self.generator) * scale + around).float()
        self.tensors[name] = t
        return t.double()

    def put(self, name, tensor):
        self.tensors[name] = tensor.float() if tensor.is_floating_point() else tensor
        return self.tensors[name].double()

    def rotation(self, c):
        q, _ = torch.linalg.qr(torch.randn(c, c, generator=self.generator))
        return q + 0.1 * torch.randn(c, c, generator=self.generator)


def lu_parts(state, names, c, masks=()):
    """W of factors that are put into the state: P, L, U, log |diagonal|, its signs, and masks."""
    p, l, u = torch.linalg.lu(state.rotation(c))
    s = torch.diagonal(u)
    p = state.put(names["p"], p)
    for name, mask in masks:
        state.put(name, mask)
    sign = state.put(names["sign"], torch.sign(s))
    # What lies on the other side of the diagonal does not count, and here is not 0.
    l = state.put(names["l"], l + 0.3 * torch.triu(torch.ones(c, c)))
    log_s = state.put(names["log_s"], torch.log(torch.abs(s)))
    u = state.put(names["u"], torch.triu(u, 1) + 0.2 * torch.tril(torch.ones(c, c)))
    return p @ (torch.tril(l, -1) + torch.eye(c)) @ (torch.triu(u, 1) + torch.diag(sign * torch.exp(log_s)))


class Step:
    """y = W ((x + b) s); y_2 = (y_2 + t) sigmoid(a + 2), or y_2 + t, with (t, a) a network's of y_1."""

    def __init__(self, bias, scale, weight, network):
        self.bias, self.scale, self.weight, self.network = (bias.view(1, -1, 1, 1), scale.view(1, -1, 1, 1), weight,
                                                            network)

    def forward(self, x):
        pixels = x.shape[2] * x.shape[3]
        logdet = pixels * (torch.log(torch.abs(self.scale)).sum() + torch.linalg.slogdet(self.weight)[1])
        y = conv2d((x + self.bias) * self.scale, self.weight[:, :, None, None])
        y_1, y_2 = y.chunk(2, 1)
        shift, raw = self.network(y_1)
        y_2 = y_2 + shift
        if raw is not None:
            scale = torch.sigmoid(raw + 2)
            y_2 = y_2 * scale
            logdet = logdet + torch.log(scale).sum((1, 2, 3))
        return torch.cat([y_1, y_2], 1), logdet

    def inverse(self, y):
        y_1, y_2 = y.chunk(2, 1)
        shift, raw = self.network(y_1)
        if raw is not None:
            y_2 = y_2 / torch.sigmoid(raw + 2)
        y = torch.cat([y_1, y_2 - shift], 1)
        return conv2d(y, torch.linalg.inv(self.weight)[:, :, None, None]) / self.scale - self.bias


def squeeze(x):
    n, c, h, w = x.shape
    return x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(n, 4 * c, h // 2, w // 2)


def unsqueeze(x):
    n, c, h, w = x.shape
    return x.view(n, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * h, 2 * w)


class Glow:
    def __init__(self, levels, priors, top):
        self.levels, self.priors, self.top = levels, priors, top  # top takes zeros of the last latent's shape

    def prior(self, level, rest):
        return self.priors[level](rest) if level < len(self.priors) else self.top(rest)

    def encode(self, x):
        log_p, latents = 0, []
        for level, steps in enumerate(self.levels):
            x = squeeze(x)
            for step in steps:
                x, logdet = step.forward(x)
                log_p = log_p + logdet
            if level + 1 < len(self.levels):
                x, z = x.chunk(2, 1)
                mean, log_sd = self.prior(level, x)
            else:
                z = x
                mean, log_sd = self.prior(level, torch.zeros_like(x))
            gaussian = -0.5 * math.log(2 * math.pi) - log_sd - 0.5 * (z - mean) ** 2 / torch.exp(2 * log_sd)
            log_p = log_p + gaussian.sum((1, 2, 3))
            latents.append(z)
        return log_p, latents

    def decode(self, eps):
        x = None
        for level in reversed(range(len(self.levels))):
            mean, log_sd = self.prior(level, torch.zeros_like(eps[level]) if x is None else x)
            z = mean + torch.exp(log_sd) * eps[level]
            x = z if x is None else torch.cat([x, z], 1)
            for step in reversed(self.levels[level]):
                x = step.inverse(x)
            x = unsqueeze(x)
        return x


def standard(zeros):
    return zeros, zeros


def rosinality(seed, channels, levels, depth, width, affine, plain):
    state = State(seed)

    def padded(name, inputs, outputs):
        kernel = state.draw(name + ".conv.weight", (outputs, inputs, 3, 3), 0.05)
        bias = state.draw(name + ".conv.bias", (outputs,), 0.1)
        scale = state.draw(name + ".scale", (1, outputs, 1, 1), 0.1)
        return lambda x: conv2d(pad(x, (1, 1, 1, 1), value=1.0), kernel, bias) * torch.exp(3 * scale)

    def step(name, c, lu):
        bias = state.draw(name + ".actnorm.loc", (1, c, 1, 1), 0.3)
        scale = state.draw(name + ".actnorm.scale", (1, c, 1, 1), 0.1, 0.9) * torch.sign(torch.randn(c, generator=state.generator)).view(1, c, 1, 1)
        scale = state.put(name + ".actnorm.scale", scale)
        state.put(name + ".actnorm.initialized", torch.tensor(1, dtype=torch.uint8))
        conv = name + ".invconv."
        if lu:
            mask = torch.triu(torch.ones(c, c), 1)
            weight = lu_parts(state, dict(p=conv + "w_p", l=conv + "w_l", u=conv + "w_u", log_s=conv + "w_s",
                                          sign=conv + "s_sign"), c,
                              [(conv + "u_mask", mask), (conv + "l_mask", mask.T), (conv + "l_eye", torch.eye(c))])
        else:
            weight = state.put(conv + "weight", state.rotation(c)[:, :, None, None])[:, :, 0, 0]
        net = name + ".coupling.net."
        k1 = state.draw(net + "0.weight", (width, c // 2, 3, 3), 0.25)
        b1 = state.draw(net + "0.bias", (width,), 0.2)
        k2 = state.draw(net + "2.weight", (width, width, 1, 1), 0.4)
        b2 = state.draw(net + "2.bias", (width,), 0.2)
        last = padded(net + "4", width, c if affine else c // 2)

        def network(x):
            h = last(torch.relu(conv2d(torch.relu(conv2d(x, k1, b1, padding=1)), k2, b2)))
            if not affine:
                return h, None
            raw, shift = h.chunk(2, 1)
            return shift, raw

        return Step(bias, scale, weight, network)

    c, all_steps, priors = 4 * channels, [], []
    for b in range(levels):
        last = b + 1 == levels
        all_steps.append([step(f"blocks.{b}.flows.{k}", c, last or not plain) for k in range(depth)])
        conv = padded(f"blocks.{b}.prior", c if last else c // 2, 2 * c if last else c)
        priors.append(lambda x, conv=conv: conv(x).chunk(2, 1))
        c *= 2
    return state, Glow(all_steps, priors[:-1], priors[-1])


def openai_style(seed, image, levels, depth, width, affine, lu, top, names):
    state = State(seed)

    def scaled(name, inputs, outputs):
        kernel = state.draw(f"{name}.{names['conv']}weight", (outputs, inputs, 3, 3), 0.08)
        bias = state.draw(f"{name}.{names['conv']}bias", (outputs,), 0.2)
        logs = state.draw(name + ".logs", (outputs, 1, 1), 0.1)
        return lambda x: conv2d(x, kernel, bias, padding=1) * torch.exp(3 * logs)

    def normalized(name, inputs, outputs, side):
        kernel = state.draw(f"{name}.{names['conv']}weight", (outputs, inputs, side, side), 0.4 / side)
        bias = state.draw(name + ".actnorm.bias", (1, outputs, 1, 1), 0.2)
        logs = state.draw(name + ".actnorm.logs", (1, outputs, 1, 1), 0.2)
        return lambda x: torch.relu((conv2d(x, kernel, padding=side // 2) + bias) * torch.exp(logs))

    def step(name, c):
        bias = state.draw(name + ".actnorm.bias", (1, c, 1, 1), 0.3)
        logs = state.draw(name + ".actnorm.logs", (1, c, 1, 1), 0.2)
        conv = name + ".invconv."
        if lu:
            weight = lu_parts(state, dict(p=conv + "p", l=conv + names["lower"], u=conv + names["upper"],
                                          log_s=conv + "log_s", sign=conv + "sign_s"), c)
        else:
            weight = state.put(conv + "weight", state.rotation(c))
        net = f"{name}.{names['net']}."
        first, second = normalized(net + "0", c // 2, width, 3), normalized(net + "2", width, width, 1)
        last = scaled(net + "4", width, c if affine else c // 2)

        def network(x):
            h = last(second(first(x)))
            return (h[:, 0::2], h[:, 1::2]) if affine else (h, None)

        return Step(bias, torch.exp(logs), weight, network)

    height, width_, channels = image
    c, i, all_steps, priors = 4 * channels, 1, [], []
    for level in range(levels):
        all_steps.append([step(f"flow.layers.{i + k}", c) for k in range(depth)])
        i += depth
        if level + 1 < levels:
            conv = scaled(f"flow.layers.{i}.conv", c // 2, c)
            priors.append(lambda x, conv=conv: (conv(x)[:, 0::2], conv(x)[:, 1::2]))
            i += 2
            c *= 2
    last = standard
    if top:
        conv = scaled(names["top"], 2 * c, 2 * c)
        last = lambda zeros: conv(torch.cat([zeros, zeros], 1)).chunk(2, 1)
    state.put("prior_h", torch.zeros(names["batch"], 2 * c, height >> levels, width_ >> levels))
    return state, Glow(all_steps, priors, last)


Y0AST = dict(net="block", conv="conv.", top="learn_top_fn", lower="lower", upper="upper", batch=1)
CHAIYUJIN = dict(net="f", conv="", top="learn_top", lower="l", upper="u", batch=3)


def normflows(seed, image, levels, depth, width, affine, lu, net_actnorm, per_channel):
    state = State(seed)

    def hidden(net, i, inputs, outputs, side):
        kernel = state.draw(f"{net}{i}.weight", (outputs, inputs, side, side), 0.4 / side)
        if not net_actnorm:
            bias = state.draw(f"{net}{i}.bias", (outputs,), 0.2)
            return lambda x: torch.relu(conv2d(x, kernel, bias, padding=side // 2)), i + 2
        s = state.draw(f"{net}{i + 1}.actNorm.s", (1, outputs, 1, 1), 0.2)
        t = state.draw(f"{net}{i + 1}.actNorm.t", (1, outputs, 1, 1), 0.2)
        state.put(f"{net}{i + 1}.actNorm.data_dep_init_done", torch.tensor(1.0))
        return lambda x: torch.relu(conv2d(x, kernel, padding=side // 2) * torch.exp(s) + t), i + 3

    def step(name, c):
        net = name + "flows.0.flows.1.param_map.net."
        first, i = hidden(net, 0, c // 2, width, 3)
        second, i = hidden(net, i, width, width, 1)
        outputs = c if affine else c // 2
        kernel = state.draw(f"{net}{i}.weight", (outputs, width, 3, 3), 0.15)
        bias = state.draw(f"{net}{i}.bias", (outputs,), 0.2)
        conv = name + "flows.1."
        if lu:
            weight = lu_parts(state, dict(p=conv + "P", l=conv + "L", u=conv + "U", log_s=conv + "log_S",
                                          sign=conv + "sign_S"), c, [(conv + "eye", torch.eye(c))])
        else:
            weight = state.put(conv + "W", state.rotation(c))
        s = state.draw(name + "flows.2.s", (1, c, 1, 1), 0.2)
        t = state.draw(name + "flows.2.t", (1, c, 1, 1), 0.3)
        state.put(name + "flows.2.data_dep_init_done", torch.tensor(1.0))

        def network(x):
            h = conv2d(second(first(x)), kernel, bias, padding=1)
            return (-h[:, 0::2], h[:, 1::2]) if affine else (-h, None)

        return Step(-t, torch.exp(-s), weight, network)

    def gaussian(name, c, h, w):
        if per_channel:
            loc, loc_logs, log_sd, sd_logs = (state.draw(name + part, (1, c, 1, 1), 0.2) for part in
                                              ("loc", "loc_logs", "log_scale", "log_scale_logs"))
            loc, log_sd = loc * torch.exp(3 * loc_logs), log_sd * torch.exp(3 * sd_logs)
        else:
            ones = torch.ones(1, c, h, w)
            loc = state.put(name + "loc", state.draw(name + "loc", (1, c, 1, 1), 0.2) * ones)
            log_sd = state.put(name + "log_scale", state.draw(name + "log_scale", (1, c, 1, 1), 0.2) * ones)
        return lambda x: (loc.expand(x.shape[0], -1, x.shape[2], x.shape[3]),
                          log_sd.expand(x.shape[0], -1, x.shape[2], x.shape[3]))

    height, width_, channels = image
    all_steps, priors = [], []
    for level in range(levels):
        c, coarse = channels * 2 ** (level + 2), levels - 1 - level
        all_steps.append([step(f"flows.{coarse}.{depth - 1 - k}.", c) for k in range(depth)])
        latent = c if coarse == 0 else c // 2
        priors.append(gaussian(f"q0.{coarse}.", latent, height >> level + 1, width_ >> level + 1))
    return state, Glow(all_steps, priors[:-1], priors[-1])


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def numbers(glow, image, pixels, seed):
    """Golden numbers; `pixels` is (scale, shift) of their x = scale (x + shift) by ours."""
    generator = torch.Generator().manual_seed(seed)
    height, width, channels = image
    scale, shift = pixels
    levels = len(glow.levels)
    x = torch.rand(2, channels, height, width, generator=generator) - 0.5
    log_p, latents = glow.encode(scale * (x + shift))
    log_p = log_p + math.log(scale) * channels * height * width
    eps = [torch.randn(z.shape, generator=generator) for z in latents]
    sample = glow.decode(eps) / scale - shift
    out = {"x": nhwc(x), "log_p": log_p, "sample": nhwc(sample)}
    for level in range(levels):
        for name, z in (("z", latents[level]), ("eps", eps[level])):
            if level + 1 == levels:
                z = torch.cat(z.chunk(2, 1)[::-1], 1)  # glow has the halves of the last latent exchanged
            out[f"{name}.{level + 1}"] = nhwc(z)
    return out


def unused_state_of_adam(state):
    return {"state": {i: {"step": 7, "exp_avg": torch.zeros(2), "exp_avg_sq": torch.zeros(2)} for i in range(2)},
            "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.9999), "eps": 1e-8, "amsgrad": False, "params": [0, 1]}]}


def cases():
    wrap = lambda state: collections.OrderedDict(("module." + k, v) for k, v in state.tensors.items())
    plain = lambda state: state.tensors
    image = (8, 12, 2)
    yield "rosinality", image, (1, 0), rosinality(1, 2, 2, 2, 6, True, False), wrap, True
    yield "rosinality_plain", (4, 8, 3), (1, 0), rosinality(2, 3, 2, 1, 4, False, True), plain, False
    yield "y0ast", image, (1, 0), openai_style(3, image, 2, 2, 6, True, True, True, Y0AST), plain, True
    yield "y0ast_plain", (4, 8, 3), (1, 0), openai_style(4, (4, 8, 3), 1, 2, 5, False, False, False, Y0AST), plain, False
    package = lambda state: {"global_step": 7, "graph": state.tensors, "optim": unused_state_of_adam(state),
                             "criterion": {}}
    to_tensor = (256 / 255, 0.5)
    yield "chaiyujin", image, to_tensor, openai_style(5, image, 2, 2, 6, True, False, False, CHAIYUJIN), package, False
    yield "chaiyujin_lu", (8, 8, 1), to_tensor, openai_style(6, (8, 8, 1), 2, 1, 5, True, True, True, CHAIYUJIN), package, True
    unit = (1, 0.5)
    yield "normflows", image, unit, normflows(7, image, 2, 2, 6, True, True, False, True), plain, True
    yield "normflows_plain", (4, 8, 3), unit, normflows(8, (4, 8, 3), 1, 2, 5, False, False, True, False), plain, True


def write_arrays(folder):
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    state = collections.OrderedDict()
    for name, dtype in (("half", torch.float16), ("bfloat", torch.bfloat16), ("single", torch.float32),
                        ("double", torch.float64), ("long", torch.int64), ("truth", torch.bool)):
        state[name] = base.to(dtype)
    state["scalar"] = torch.tensor(2.5, dtype=torch.float32)
    state["empty"] = torch.zeros(0, 3)
    state["turned"] = base.t()
    state["part"] = base[1:3, 2::2]
    state["parameter"] = torch.nn.Parameter(base[:1].clone())
    nested = {"weights": state, "list": [base[0], (base[1],)], 3: base[2], "number": 0.5, "none": None}
    torch.save(nested, folder / "arrays.pt")
    torch.save(nested, folder / "arrays_legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(nested, folder / "arrays_protocol_4.pt", pickle_protocol=4)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, image, pixels, (state, glow), package, as_zip in cases():
        torch.save(package(state), folder / f"{name}.pt", _use_new_zipfile_serialization=as_zip)
        metadata = {"size": f"{image[0]}x{image[1]}", "levels": str(len(glow.levels))}
        write_safetensors(folder / f"{name}.safetensors", numbers(glow, image, pixels, 100), metadata)
    write_arrays(folder)


if __name__ == "__main__":
    main()
