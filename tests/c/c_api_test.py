"""The C API through Python's ctypes, and two copies of the library in one process: c_api_test.py LIBRARY MODEL PROGRAM. Samples are
those of the glow program."""
import ctypes
import pathlib
import shutil
import subprocess
import sys
import tempfile

IMAGES, NUMBERS = 2, 64


def opened(library, path):
    model = ctypes.c_void_p()
    status = library.glow_open(str(path).encode(), b"cpu", ctypes.byref(model))
    assert status == 0, library.glow_last_error()
    return model


def loaded(path):
    library = ctypes.CDLL(str(path))
    library.glow_last_error.restype = library.glow_version.restype = ctypes.c_char_p
    library.glow_close.argtypes = [ctypes.c_void_p]
    return library


class Context(ctypes.Structure):
    _fields_ = [("labels", ctypes.POINTER(ctypes.c_int64)), ("features", ctypes.POINTER(ctypes.c_float))]


def sampled(library, model):
    labels = (ctypes.c_int64 * IMAGES)(3, 4)
    context = Context(labels, None)
    x = (ctypes.c_float * (IMAGES * NUMBERS))()
    status = library.glow_sample(model, ctypes.c_int64(IMAGES), ctypes.c_float(0.7), ctypes.c_uint64(1), ctypes.c_int64(0),
                                 ctypes.byref(context), x)
    assert status == 0, library.glow_last_error()
    log_p = (ctypes.c_float * IMAGES)()
    assert library.glow_log_prob(model, x, ctypes.c_int64(IMAGES), ctypes.byref(context), log_p) == 0
    return list(x), list(log_p)


def sampled_pixels(library, model):
    context = Context((ctypes.c_int64 * IMAGES)(3, 3), None)
    pixels = (ctypes.c_uint8 * (IMAGES * NUMBERS))()
    status = library.glow_sample_pixels(model, ctypes.c_int64(IMAGES), ctypes.c_float(0.7), ctypes.c_uint64(1), ctypes.c_int64(0),
                                        ctypes.byref(context), pixels)
    assert status == 0, library.glow_last_error()
    return bytes(pixels)


def main():
    path, model_file, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        other_path = pathlib.Path(folder) / "libglow_c_other.so"
        shutil.copy(path, other_path)
        one, other = loaded(path), loaded(other_path)
        assert one.glow_version() == other.glow_version()
        first, second = opened(one, model_file), opened(other, model_file)
        assert sampled(one, first) == sampled(other, second)

        # An error of one is none of the other's.
        none = ctypes.c_void_p()
        assert one.glow_open(b"no/such/file", b"cpu", ctypes.byref(none)) == 3
        assert b"no/such/file" in one.glow_last_error()
        assert other.glow_last_error() == b""

        # Samples of a seed are those of the program.
        npy = pathlib.Path(folder) / "samples.npy"
        subprocess.run([program, "sample", model_file, "--class", "3", "--count", str(IMAGES), "--temperature", "0.7", "--seed", "1",
                        "--device", "cpu", "--out", npy], check=True, stdout=subprocess.DEVNULL)
        assert npy.read_bytes().endswith(sampled_pixels(one, first))

        # A model that is saved is the same.
        saved = pathlib.Path(folder) / "saved.safetensors"
        assert other.glow_save(second, str(saved).encode()) == 0
        third = opened(one, saved)
        assert sampled(one, third) == sampled(one, first)
        for library, model in ((one, first), (other, second), (one, third)):
            library.glow_close(model)
    print("two copies of", one.glow_version().decode(), "agree")


if __name__ == "__main__":
    main()
