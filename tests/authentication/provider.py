"""An OpenID provider on this machine."""

import asyncio
import json

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


class Provider:
    """Publishes its keys, and signs tokens with them.

    ``answer`` is called for every request for the keys, and may be exchanged to misbehave; ``requests`` counts them.
    """

    def __init__(self):
        self.keys = {'one': RSA_KEYS[0]}
        self.requests = self.discoveries = 0
        self.answer = self.publish
        self.described = {}
        app = web.Application()
        app.router.add_get('/keys', self._handle)
        app.router.add_get('/.well-known/openid-configuration', self._describe)
        self.server = TestServer(app)

    @property
    def issuer(self):
        return str(self.server.make_url('')).rstrip('/')

    @property
    def url(self):
        return f'{self.issuer}/keys'

    def sign(self, claims, kid='one', algorithm='RS256', **header):
        return jwt.encode(claims, self.keys[kid], algorithm, headers={'kid': kid, **header})

    async def publish(self):
        return web.json_response({'keys': [public_jwk(key, kid) for kid, key in self.keys.items()]})

    async def _handle(self, request):
        self.requests += 1
        return await self.answer()

    async def _describe(self, request):
        self.discoveries += 1
        return web.json_response({'issuer': self.issuer, 'jwks_uri': self.url, **self.described})


RSA_KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
WEAK_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key, kid, **members):
    """A public key as a JSON Web Key."""
    algorithm = (
        jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    )
    return {**json.loads(algorithm.to_jwk(key.public_key())), 'kid': kid, 'use': 'sig', **members}


def public_pem(key):
    """A public key as text."""
    kinds = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*kinds)


@pytest.fixture
async def provider():
    provider = Provider()
    await provider.server.start_server()
    yield provider
    await provider.server.close()


async def hang():
    """Never answer."""
    await asyncio.Event().wait()
