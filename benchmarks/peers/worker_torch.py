"""What the workers in PyTorch share."""
import torch
import worker
from torch.utils.flop_counter import FlopCounterMode


def start(a):
    """The device, with threads and seed set."""
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    torch.backends.cudnn.allow_tf32 = a.precision != "full"
    return torch.device(a.device)


def images(s, device):
    """A batch, [N, C, H, W]."""
    return torch.rand(s.batch, s.channels, s.side, s.side, device=device) - 0.5


def fill_zeros(model):
    """Gives parameters that are zero, the last kernels among them, numbers N(0, 0.01^2), as benchmarks/model/no_zeros.hpp does."""
    with torch.no_grad():
        for p in model.parameters():
            if not p.any():
                torch.nn.init.normal_(p, std=0.01)


def flops(call):
    """Floating-point operations of the convolutions that a call runs."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        call()
    return counter.get_flop_counts()["Global"][torch.ops.aten.convolution]


def serve(a, s, peer, model, eager_log_p, train, log_p, sample, versions=None, differs=None):
    """A worker whose train() gives a loss, of which a step of Adam is taken. `eager_log_p` is log p as the FLOPs are counted."""
    fill_zeros(model)
    adam = torch.optim.Adam(model.parameters(), lr=1e-9, fused=a.device == "cuda")

    def wait():
        if a.device == "cuda":
            torch.cuda.synchronize()

    def step():
        adam.zero_grad(set_to_none=True)
        train().backward()
        adam.step()
        wait()

    def without_gradient(call):
        def run():
            with torch.no_grad():
                call()
            wait()
        return run

    def sgemm(seconds):
        """The library behind PyTorch, on all threads: the tiles of benchmarks/rates/sgemm.cpp, and large matrices."""
        large = 8192 if a.device == "cuda" else 2048
        tiles = 128
        left, right = torch.randn(tiles, 96, 512, device=a.device), torch.randn(1, 512, 512, device=a.device)
        square = torch.randn(large, large, device=a.device)
        library = "cuBLAS" if a.device == "cuda" else "MKL" if torch.backends.mkl.is_available() else "BLAS"
        run = {f"PyTorch {library} 96x512x512": (lambda: torch.bmm(left, right.expand(tiles, -1, -1)), tiles * 96 * 512 * 512),
               f"PyTorch {library} {large}x{large}x{large}": (lambda: torch.mm(square, square), large**3)}
        return {"flop_per_s": {name: worker.rate(without_gradient(call), seconds / len(run), 2 * multiply_adds)
                               for name, (call, multiply_adds) in run.items()}}

    worker.serve(
        a, s, peer, {"torch": torch.__version__, **(versions or {})}, threads=torch.get_num_threads(),
        device_name=torch.cuda.get_device_name() if a.device == "cuda" else "CPU",
        parameters=sum(p.numel() for p in model.parameters()), log_p_flops=flops(eager_log_p) / s.batch,
        verbs={"train": step, "log_p": without_gradient(log_p), "sample": without_gradient(sample)},
        others={"sgemm": sgemm}, differs=differs)
