"""What glow raises. Messages name the thing, the value and what would be right."""


class Error(Exception):
    """Base of all errors of glow."""


class ShapeError(Error, ValueError):
    """A shape, size or option that a model cannot take."""


class FileError(Error, OSError):
    """A file that is missing, of another format, or that cannot be written."""


class CheckpointError(Error, ValueError):
    """A file that holds no model that this version can read, or another model."""


class NumericError(Error, ArithmeticError):
    """Numbers that are not finite."""


class CudaError(Error, RuntimeError):
    """A GPU's failure."""
