"""Settings in which hashing takes no time."""

import pytest

from colibris.authentication.passwords.slot import HASHERS
from colibris.test.passwords import QUICK_HASHER

QUICK_ARGON2 = {'backend': HASHERS['argon2id'], 'time_cost': 1, 'memory_cost': 8, 'parallelism': 1}


@pytest.fixture
def configure(project, clean_settings):
    """Have settings: ``configure(PASSWORDS={…})``."""

    def load(**values):
        project(settings='\n'.join(f'{name} = {value!r}' for name, value in values.items()))

    load(PASSWORDS=QUICK_HASHER)
    return load
