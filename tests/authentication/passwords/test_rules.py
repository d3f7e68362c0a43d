"""Which passwords are refused."""

import pytest

from colibris.authentication import passwords
from colibris.authentication.passwords import rules
from colibris.authentication.passwords.rules import _common_words

TOO_EASY = 'Is too easy to guess: think of something that is no common word or sequence.'
TOO_CLOSE = 'Is too easy to guess for those who know the account.'
ACCOUNT = {
    'username': 'adalove',
    'first_name': 'Ada',
    'last_name': 'Lovelace',
    'email': 'a.lovelace@babbage.example',
    'age': 36,
    'note': None,
    'biography': 'waterlilies ' * 100,
}


@pytest.mark.parametrize(
    'password',
    [
        'password123',
        'Password123!',
        'P@$$w0rd2024!',
        'drowssap123',
        '1234567890',
        '12345678901234567890',
        '9876543210',
        'qwertyuiop',
        'QWERTZUIOP',
        '1qaz2wsx3edc',
        'zxcvbnm,./',
        'abcdefghij',
        'aaaaaaaaaaaaaaaa',
        '1122334455',
        'abcabcabcabc',
        'x7x7x7x7x7x7',
        'iloveyoufootball',
        'letmeinletmein',
        'welcome2024',
        'administrator',
        'ADMIN-admin-1',
        '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12',
        'monkeydragon99',
        'trustno1trustno1',
        '          ',
        '\ud800' * 12,
        'a' * 256,
    ],
)
def test_easy(configure, password):
    assert passwords.check(password) == [TOO_EASY]


@pytest.mark.parametrize(
    'password',
    [
        'k8Lov2xAbc',
        'correct horse battery staple',
        'tr0ub4dor&3',
        'Ik ben een kolibrie!',
        'пятнадцать человек',
        '蜂鳥は後ろ向きに飛べる鳥です',
        'password-plus-hummingbird',
        'Zq' + 'x' * 250 + 'W7!k',
    ],
)
def test_good(configure, password):
    assert passwords.check(password) == []
    assert passwords.check(password, {}) == []
    assert passwords.check(password, ACCOUNT) == []


@pytest.mark.parametrize(
    'password',
    [
        'adalove271!',
        'evolada271!',
        'Lovelace-18',
        'ada.lovelace',
        'a.lovelace@babbage.example',
        'BABBAGE-Ada',
        '4dal0v3-4da',
    ],
)
def test_close_to_the_account(configure, password):
    assert passwords.check(password) == []
    assert passwords.check(password, ACCOUNT) == [TOO_CLOSE]


def test_account_may_be_a_row(configure):
    class Row:
        def __init__(self):
            self.__data__ = {**ACCOUNT, 'password': passwords.HashedPassword('k8Lov2xAbc')}

    assert passwords.check('adalove271!', Row()) == [TOO_CLOSE]
    assert passwords.check('k8Lov2xAbc', Row()) == []
    assert passwords.check('adalove271!', object()) == []


def test_length(configure):
    assert passwords.check('xq7!') == ['Must have at least 10 characters.']
    assert passwords.check('qwerty') == ['Must have at least 10 characters.', TOO_EASY]
    assert passwords.check('') == ['Must have at least 10 characters.']
    assert passwords.check('k8Lov2xAbc' * 26) == ['Must have at most 256 characters.']
    configure(PASSWORD_MIN_LENGTH=4)
    assert passwords.check('xq7!') == []
    assert passwords.check('xq7') == ['Must have at least 4 characters.']


def test_letters_that_stand_for_many_take_no_longer(configure, monkeypatch):
    lengths = []
    real = rules._count_others
    monkeypatch.setattr(rules, '_count_others', lambda text, words: lengths.append(len(text)) or real(text, words))
    passwords.check('\ufdfa' * 256)
    assert max(lengths) == passwords.MAX_LENGTH


def test_the_list():
    words = _common_words()
    assert 2000 < len(words) < 10_000
    assert all(len(word) >= 4 and word == word.casefold() for word in words)
    assert {'password', 'drowssap', '1234', 'letmein'} <= set(words)
