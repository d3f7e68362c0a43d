"""Passwords, as applications use them."""

import asyncio
import logging
import os
import threading
import time
from statistics import median

import pytest

from colibris import bridge
from colibris.authentication import passwords
from colibris.authentication.passwords import HashedPassword, PasswordHasher
from colibris.authentication.passwords.slot import HASHERS, slot
from colibris.conf import settings
from colibris.test.passwords import QUICK_HASHER
from tests.authentication.passwords.conftest import QUICK_ARGON2


class RecordingHasher(PasswordHasher):
    """Notes what is done, and in which thread; can be held up."""

    scheme = 'test'

    def __init__(self):
        self.calls = []
        self.threads = set()
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def hash(self, password):
        self._note('hash', password)
        return f'$test${password.hex()}'

    def verify(self, password, hashed):
        self._note('verify', password)
        return hashed == f'$test${password.hex()}'

    def needs_rehash(self, hashed):
        return hashed == '$test$6f6c64'

    def _note(self, name, password):
        self.calls.append(name)
        self.threads.add(threading.current_thread())
        self.has_begun.set()
        self.may_go_on.wait(30)


@pytest.fixture
def recorder(configure):
    with slot.replace(RecordingHasher()) as hasher:
        yield hasher
        hasher.may_go_on.set()


def test_hash_and_verify(configure):
    hashed = passwords.hash('correct horse')
    assert isinstance(hashed, HashedPassword)
    assert passwords.verify('correct horse', hashed)
    assert passwords.verify('correct horse', str(hashed))
    assert not passwords.verify('Correct horse', hashed)
    assert not passwords.verify('', hashed)
    assert not passwords.verify(hashed, hashed)


@pytest.mark.parametrize('hashed', [None, '', '!', 'secret', 'x$scrypt$', '$', '$$', '$scrypt', 'plain'])
def test_what_is_no_hash_fits_no_password(configure, hashed):
    for password in ('', 'secret', hashed or '', '!'):
        assert not passwords.verify(password, hashed)


def test_unknown_scheme(configure, caplog):
    assert not passwords.verify('secret', '$2b$12$abcdefghijklmnopqrstuv')
    assert caplog.messages == ["a password cannot be verified: nothing is known about the scheme '2b' of its hash"]


def test_what_looks_the_same_is_the_same(configure):
    assert passwords.verify('Zu\u0308rich ①', passwords.hash('Zürich 1'))
    hashed = passwords.hash('\ud800 half of a character, as JSON can hold it')
    assert passwords.verify('\ud800 half of a character, as JSON can hold it', hashed)
    assert not passwords.verify('? half of a character, as JSON can hold it', hashed)


def test_every_scheme_is_verified_whatever_the_settings(configure):
    by_scrypt = passwords.hash('secret')
    configure(PASSWORDS=QUICK_ARGON2)
    by_argon2 = passwords.hash('secret')
    assert by_argon2.scheme == 'argon2id'
    assert passwords.verify('secret', by_scrypt)
    assert not passwords.verify('wrong', by_scrypt)
    assert passwords.needs_rehash(by_scrypt)
    assert not passwords.needs_rehash(by_argon2)
    configure(PASSWORDS={**QUICK_ARGON2, 'time_cost': 2})
    assert passwords.needs_rehash(by_argon2)
    assert passwords.verify('secret', by_argon2)


def test_default_is_argon2(configure):
    configure(PASSWORDS={})
    assert passwords.get_backend().scheme == 'argon2id'


def test_a_hash_is_not_shown(configure):
    hashed = passwords.hash('secret')
    assert repr(hashed) == repr([hashed])[1:-1] == '<HashedPassword>'


def test_unusable(configure):
    unusable = passwords.unusable()
    assert unusable != passwords.unusable()
    assert unusable.scheme is None
    assert not passwords.verify(unusable, unusable)
    assert passwords.needs_rehash(unusable)


def test_where_there_is_nothing_to_verify_as_much_is_computed(recorder):
    """An unknown account, an account without a password and a wrong password cost one computation each."""
    for hashed in (None, '', passwords.unusable(), '$other$x', '$test$00'):
        recorder.calls.clear()
        assert not passwords.verify('secret', hashed)
        assert len(recorder.calls) == 1


@pytest.mark.parametrize('backend', [{}, {'backend': HASHERS['scrypt']}], ids=['argon2', 'scrypt'])
def test_where_there_is_nothing_to_verify_it_takes_as_long(configure, backend):
    """Measured in processor time of all threads, which is the same on a machine that does other things too."""
    configure(PASSWORDS=backend)
    hashed = passwords.hash('right')
    known, unknown = [], []
    for _ in range(7):
        for times, given in ((known, hashed), (unknown, None)):
            start = time.process_time()
            assert not passwords.verify('wrong', given)
            times.append(time.process_time() - start)
    assert 0.5 < median(unknown) / median(known) < 2
    assert median(unknown) > 0.01


async def test_the_loop_goes_on(recorder):
    recorder.may_go_on.clear()
    hashing = asyncio.ensure_future(bridge.run(passwords.hash, 'secret'))
    await asyncio.to_thread(recorder.has_begun.wait)
    assert not hashing.done()
    recorder.may_go_on.set()
    assert await hashing == '$test$736563726574'
    assert threading.current_thread() not in recorder.threads


async def test_a_flood_takes_no_more_threads_than_there_are_processors(recorder):
    await asyncio.gather(*(bridge.run(passwords.verify, 'secret', None) for _ in range(50)))
    assert len(recorder.calls) == 50
    assert 1 <= len(recorder.threads) <= os.cpu_count()


async def test_cancellation(recorder):
    recorder.may_go_on.clear()
    tasks = [asyncio.ensure_future(bridge.run(passwords.verify, 'secret', None)) for _ in range(20)]
    await asyncio.to_thread(recorder.has_begun.wait)
    for task in tasks:
        task.cancel()
    assert all(
        isinstance(result, asyncio.CancelledError) for result in await asyncio.gather(*tasks, return_exceptions=True)
    )
    recorder.may_go_on.set()
    assert await bridge.run(passwords.verify, 'secret', '$test$736563726574')
    assert len(recorder.calls) <= os.cpu_count() + 1


async def test_undriven_code_is_told(recorder):
    with pytest.raises(bridge.BridgeError):
        passwords.hash('secret')
    assert recorder.calls == []


def test_without_a_loop_no_thread_is_needed(recorder):
    passwords.hash('secret')
    assert recorder.threads == {threading.current_thread()}


@pytest.mark.filterwarnings('ignore:This process .* is multi-threaded:DeprecationWarning')
async def test_a_forked_process_has_threads_of_its_own(configure):
    """As task queues and some servers fork; the threads stay behind."""
    hashed = await bridge.run(passwords.hash, 'secret')
    child = os.fork()
    if not child:
        os._exit(_verify_in_child(hashed))
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def _verify_in_child(hashed):
    def verify():
        done.append(asyncio.run(bridge.run(passwords.verify, 'secret', hashed)))

    done = []
    thread = threading.Thread(target=verify, daemon=True)  # in which no loop runs
    thread.start()
    thread.join(30)
    return 0 if done == [True] else 1


def test_nothing_is_logged(configure, caplog):
    caplog.set_level(logging.DEBUG)
    hashed = passwords.hash('correct horse')
    passwords.verify('correct horse', hashed)
    passwords.check('correct horse')
    assert caplog.text == ''


def test_settings_may_come_from_the_environment(write_project, monkeypatch):
    from colibris import conf

    text = f"""
        from colibris.conf.schemas import SettingsSchema, fields

        PASSWORDS = {QUICK_HASHER!r}

        class PasswordsSchema(SettingsSchema):
            LOG2_COST = fields.Integer()

            class Meta:
                prefix = 'PASSWORDS_'

        PasswordsSchema().load_from_env(globals())
    """
    monkeypatch.setenv('PASSWORDS_LOG2_COST', '3')
    conf.setup(write_project(settings=text))
    assert settings.PASSWORDS['log2_cost'] == 3
    assert passwords.hash('secret').startswith('$scrypt$ln=3,')
