"""flax_check.py FOLDER: msgpack, with the extension of flax (flax.serialization.msgpack_restore), reads the tensors of models as
they are. Where flax is installed it reads them itself."""
import cases

np, msgpack, _ = cases.need("numpy", "msgpack", "safetensors.numpy")


def array(code, data):
    assert code == 1, code
    shape, dtype, numbers = msgpack.unpackb(data, raw=True)
    return np.frombuffer(numbers, np.dtype(dtype.decode())).reshape(shape)


def restored(path):
    packed = path.read_bytes()
    tree = msgpack.unpackb(packed, ext_hook=array, raw=False)
    try:
        from flax.serialization import msgpack_restore, msgpack_serialize
    except ImportError:
        return tree, "msgpack"
    assert len(msgpack_serialize(msgpack_restore(packed))) > 0
    return msgpack_restore(packed), "flax"


def flat(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}/")
        else:
            yield prefix + key, value


def check(folder, name):
    tree, reader = restored(folder / f"{name}.msgpack")
    metadata = tree.pop("glow")
    return f"{cases.same_as_model_file(folder, name, dict(flat(tree)), metadata)}, by {reader}"


cases.run(check)
