"""The package definition of __projectname__."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
VERSION = re.search(r"^__version__ = '(.+)'$", (HERE / '__packagename__' / '__init__.py').read_text(), re.MULTILINE)

setup(
    name='__projectname__',
    version=VERSION[1],
    python_requires='>=3.11',
    packages=find_packages(include=['__packagename__', '__packagename__.*']),
    package_data={'__packagename__': ['.env.default', 'settings.yml', 'static/**', 'templates/**']},
    install_requires=['colibris>=__colibrisversion__'],
    extras_require={
        'deploy': ['colibris[postgresql,redis,rq,serve,yaml]'],
        'test': ['colibris[test]'],
    },
    entry_points={'console_scripts': ['__projectname__ = __packagename__.manage:run']},
)
