"""The version, read by the build and shown by the command line."""

__all__ = ["__version__"]

__version__ = "0.1.0"
