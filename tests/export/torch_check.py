"""torch_check.py FOLDER: torch.load, with weights_only, reads the tensors of the models as they are."""
import cases

np, torch, _ = cases.need("numpy", "torch", "safetensors.numpy")


def check(folder, name):
    for mapped in (False, True):
        state = torch.load(folder / f"{name}.pt", weights_only=True, mmap=mapped)
        metadata = state.pop("glow")
        told = cases.same_as_model_file(folder, name, {k: v.numpy() for k, v in state.items()}, metadata)
    return told


cases.run(check)
