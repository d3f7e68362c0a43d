"""From the name of a project to the name of its package."""

import importlib.util
import keyword
import re
import sys

from colibris.startproject.errors import StartProjectError

# The names that package indexes accept; they are safe in paths, in quoted strings and in shell commands too.
PROJECT_NAME = re.compile(r'[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?')

# `test` is part of the standard library but not of sys.stdlib_module_names.
STANDARD_LIBRARY = sys.stdlib_module_names | {'test'}


def package_name_of(project_name: str) -> str:
    """The package name for a project: its letters, digits and underscores in lower case.

    Raises StartProjectError if the project's name is unusual or its package could not be imported under that name.
    """
    if not PROJECT_NAME.fullmatch(project_name):
        raise StartProjectError(
            f'{project_name!r} is no project name: use letters, digits, ".", "_" and "-", '
            'with a letter or a digit at both ends'
        )

    package_name = re.sub(r'[^a-z0-9_]', '', project_name.lower())
    if not package_name.isidentifier() or keyword.iskeyword(package_name):
        raise StartProjectError(
            f'{project_name!r} gives the package name {package_name!r}, which Python does not accept'
        )
    if is_taken(package_name):
        raise StartProjectError(
            f'{project_name!r} gives the package name {package_name!r}, which would hide a module in use'
        )
    return package_name


def is_taken(package_name: str) -> bool:
    """Whether a package of this name would hide a module of the standard library or an installed one."""
    return package_name in STANDARD_LIBRARY or importlib.util.find_spec(package_name) is not None
