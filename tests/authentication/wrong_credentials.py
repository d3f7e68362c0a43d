"""The kinds of wrong credentials, for the table: each makes headers, or several of them, for an account."""

import base64
import hmac
import json
import time

import jwt

from colibris import bridge
from tests.authentication.projects import AUDIENCE, ISSUER, SECRET_KEY
from tests.authentication.provider import RSA_KEYS, public_pem


async def no_credentials(of, client, account):
    return {}


async def malformed(of, client, account):
    for text in (
        '',
        'x',
        'a.b.c',
        '..',
        'é',
        '%',
        "' OR 1=1 --",
        'x' * 4000,
        _encode(b'[' * 2000) + '.e30.',
        'None',
        '1',
    ):
        yield of.headers(text)
    for header in ('', 'Bearer', 'Bearer ', 'Basic YTpi', 'Digest x', 'Bearer a b'):
        yield {'Authorization': header}
    token = of.sign(account)
    for broken in (token[:-2], token + '.x', token.replace('.', ''), token.rpartition('.')[0] + '.'):
        yield of.headers(broken)


async def expired(of, client, account):
    return await of.expired(client, account)


async def not_yet_valid(of, client, account):
    yield of.headers(of.sign(account, nbf=int(time.time()) + 60))
    yield of.headers(of.sign(account, iat=int(time.time()) + 60))


async def endless(of, client, account):
    yield of.headers(of.sign(account, exp=None))
    for end in ('tomorrow', [1], {}, 1e400):
        yield of.headers(of.sign(account, exp=end))


async def wrong_signature(of, client, account):
    other = RSA_KEYS[1] if of.algorithm == 'RS256' else SECRET_KEY[::-1]
    yield of.headers(of.sign(account, key=other))
    head, _, signature = of.sign(account).rpartition('.')
    yield of.headers(f'{head}.{signature[::-1]}')
    header, _, signature = of.sign(account).split('.')
    yield of.headers(f'{header}.{_encode(of.claims(account, admin=True))}.{signature}')


async def algorithm_none(of, client, account):
    for name in ('none', 'None', 'NONE', '', None, ['HS256'], {}):
        head = f'{_encode({"alg": name, "typ": "JWT", "kid": "one"})}.{_encode(of.claims(account))}'
        yield of.headers(f'{head}.')
        yield of.headers(f'{head}.{of.sign(account).rpartition(".")[2]}')


async def algorithm_confusion(of, client, account):
    claims = _encode(of.claims(account))
    for name, digest in (('HS256', 'sha256'), ('HS384', 'sha384'), ('HS512', 'sha512')):
        head = f'{_encode({"alg": name, "typ": "JWT", "kid": "one"})}.{claims}'
        for key in (public_pem(RSA_KEYS[0]), b''):
            yield of.headers(f'{head}.{_encode(hmac.digest(key, head.encode(), digest))}')
    for name in {'RS256': ('RS512', 'PS256'), 'HS256': ('HS384', 'HS512')}[of.algorithm]:
        yield of.headers(jwt.encode(of.claims(account), of.key(account), name, headers={'kid': 'one'}))
    yield of.headers(jwt.encode(of.claims(account), RSA_KEYS[1], 'RS256', headers={'kid': 'one'}))


async def unknown_crit(of, client, account):
    for header in ({'crit': ['exp2'], 'exp2': 1}, {'crit': []}, {'crit': 'b64'}, {'crit': [1]}, {'crit': ['b64']}):
        yield of.headers(of.sign(account, header=header))
    signature = of.sign(account).rpartition('.')[2]
    yield of.headers(f'{_encode({"alg": of.algorithm, "kid": "one", "b64": False, "crit": ["b64"]})}..{signature}')


async def wrong_issuer(of, client, account):
    for issuer in ('https://other.example.com', None, ISSUER + '/', [ISSUER], ''):
        yield of.headers(_sign_oddly(of, account, iss=issuer))


async def wrong_audience(of, client, account):
    for audience in ('another-service', None, ['another-service'], [], {}, AUDIENCE[:-1]):
        yield of.headers(_sign_oddly(of, account, aud=audience))


async def wrong_subject(of, client, account):
    for subject in (
        account.id,
        None,
        True,
        1.0,
        [str(account.id)],
        {},
        '',
        '0',
        ' 1',
        '+1',
        '1_',
        '9' * 30,
        'ada\0',
        '\ud800',
    ):
        yield of.headers(_sign_oddly(of, account, sub=subject))


async def deleted_account(of, client, account):
    headers = await of.right(client, account)
    await bridge.run(account.delete_instance)
    return headers


def _sign_oddly(of, account, **claims):
    """A token that is signed well, but says what a library refuses to write."""
    payload = json.dumps(of.claims(account, **claims)).encode()
    return jwt.PyJWS().encode(payload, of.key(account), of.algorithm, headers={'kid': 'one', 'typ': 'JWT'})


def _encode(data):
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip('=')


WRONG = [
    no_credentials, malformed, expired, endless, not_yet_valid, wrong_signature, algorithm_none, algorithm_confusion,
    unknown_crit, wrong_issuer, wrong_audience, wrong_subject, deleted_account,
]  # fmt: skip


async def all_of(made):
    """What a case makes, be it one set of headers or several."""
    return [headers async for headers in made] if hasattr(made, '__aiter__') else [await made]
