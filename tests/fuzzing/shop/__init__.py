"""A shop, to be fuzzed."""

__version__ = '1.0'
