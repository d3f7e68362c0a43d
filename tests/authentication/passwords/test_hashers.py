"""The hashers, each alone."""

import subprocess
import sys
import textwrap

import argon2
import pytest

from colibris.authentication.passwords.argon2 import Argon2Hasher
from colibris.authentication.passwords.scrypt import ScryptHasher
from colibris.authentication.passwords.slot import slot
from colibris.conf.backends import check_backends
from colibris.errors import ConfigurationError
from colibris.test.passwords import PasswordHasherContract


class TestArgon2(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)

    @pytest.fixture(params=[{'time_cost': 2}, {'memory_cost': 9}, {'parallelism': 2, 'memory_cost': 16}], ids=str)
    def other(self, request):
        return Argon2Hasher(**{'time_cost': 1, 'memory_cost': 8, 'parallelism': 1, **request.param})

    def test_is_argon2id_of_rfc_9106(self):
        parameters = argon2.extract_parameters(Argon2Hasher().hash(b'secret'))
        assert parameters.type is argon2.Type.ID
        assert parameters == argon2.profiles.RFC_9106_LOW_MEMORY


class TestScrypt(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        return ScryptHasher(log2_cost=2, block_size=1, parallelism=1)

    @pytest.fixture(params=[{'log2_cost': 3}, {'block_size': 2}, {'parallelism': 2}], ids=str)
    def other(self, request):
        return ScryptHasher(**{'log2_cost': 2, 'block_size': 1, 'parallelism': 1, **request.param})

    def test_known_hash(self):
        """RFC 7914, section 12: the hash of 'pleaseletmein' with the salt 'SodiumChloride', here of 16 bytes."""
        hashed = '$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$'
        own = ScryptHasher(4, 8, 1).hash(b'pleaseletmein')
        assert own.startswith('$scrypt$ln=4,r=8,p=1$')
        assert not ScryptHasher().verify(b'pleaseletmein', hashed + own.rpartition('$')[2])

    def test_default(self):
        hasher = ScryptHasher()
        hashed = hasher.hash(b'secret')
        assert hashed.startswith('$scrypt$ln=15,r=8,p=3$')
        assert hasher.verify(b'secret', hashed)


@pytest.mark.parametrize(
    ('name', 'arguments', 'problem'),
    [
        ('argon2.Argon2Hasher', {'time_cost': 0}, "'time_cost' must be from 1 to 1000"),
        ('argon2.Argon2Hasher', {'time_cost': '3'}, "'time_cost' must be a whole number, not str"),
        ('argon2.Argon2Hasher', {'parallelism': 0}, "'parallelism' must be from 1 to 64"),
        ('argon2.Argon2Hasher', {'parallelism': 4, 'memory_cost': 31}, "'memory_cost' must be from 32 to"),
        ('argon2.Argon2Hasher', {'memory': 1}, "'memory' is not known to Argon2Hasher"),
        ('scrypt.ScryptHasher', {'log2_cost': 25}, "'log2_cost' must be from 1 to 24"),
        ('scrypt.ScryptHasher', {'block_size': True}, "'block_size' must be a whole number, not bool"),
        ('scrypt.ScryptHasher', {'parallelism': None}, "'parallelism' must be a whole number, not NoneType"),
        ('base.PasswordHasher.hash', {}, 'there is no module'),
    ],
)
def test_wrong_settings(configure, name, arguments, problem):
    configure(PASSWORDS={'backend': f'colibris.authentication.passwords.{name}', **arguments})
    with pytest.raises(ConfigurationError, match=problem):
        check_backends()
        slot.get()


def test_without_the_extra():
    """Passwords are hashed by scrypt; hashes of Argon2 need the extra, and say so."""
    code = """
        import importlib.util, sys
        sys.modules['argon2'] = None
        found = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *rest: None if name == 'argon2' else found(name, *rest)
        from colibris.conf import settings
        from colibris.authentication import passwords
        from colibris.errors import MissingDependencyError

        settings.__dict__.update(PROJECT_PACKAGE_NAME='sample', PASSWORDS={})
        hashed = passwords.hash('secret')
        print(hashed.scheme, passwords.verify('secret', hashed), passwords.verify('wrong', hashed))
        try:
            passwords.verify('secret', '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA')
        except MissingDependencyError as exc:
            print(exc)
    """
    result = subprocess.run([sys.executable, '-c', textwrap.dedent(code)], capture_output=True, text=True)
    assert result.stdout.splitlines() == [
        'scrypt True False',
        "argon2-cffi is not installed; install it with: pip install 'colibris[argon2]'",
    ], result.stderr
