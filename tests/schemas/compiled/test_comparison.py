"""Compiled schemas and marshmallow's own agree, whatever the schema and the data.

``COLIBRIS_CASES=200000 pytest tests/schemas/compiled/test_comparison.py`` looks at more cases, at other ones each time.
"""

import os

from hypothesis import HealthCheck, given, settings

from .comparing import check_dump, check_load
from .generated import dumps, loads

CASES = int(os.environ.get('COLIBRIS_CASES', '5200'))
EACH = 4  # bodies or rows for a schema

plenty = settings(
    max_examples=CASES // EACH // 2,
    derandomize='COLIBRIS_CASES' not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@plenty
@given(loads())
def test_loading(case):
    schema, data = case
    for body in data:
        check_load(schema, body)


@plenty
@given(dumps())
def test_dumping(case):
    schema, model, rows = case
    for row in rows:
        check_dump(schema, model, row)
