"""__projectname__: a REST service."""

__version__ = '0.1.0'
