"""colibris: a batteries-included framework for async REST micro-services."""

__version__ = '1.0.0.dev0'
