"""What glow raises. Messages name the thing, the value and what would be right."""


class Error(Exception):
    """Base of all errors of glow."""


class ArgumentError(Error, ValueError):
    """An argument or option that cannot be, or a call at a time when it cannot be made."""


class ShapeError(ArgumentError):
    """A shape or size that a model cannot take."""


class FileError(Error, OSError):
    """A file that is of another format, or that cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file or folder that does not exist."""


class CheckpointError(Error, ValueError):
    """A file that holds no model that this version can read, or another model."""


class NumericError(Error, ArithmeticError):
    """Numbers that are not finite."""


class CudaError(Error, RuntimeError):
    """A GPU's failure."""
