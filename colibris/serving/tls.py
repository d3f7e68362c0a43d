"""TLS: the certificate, and its key."""

import ssl

from colibris.serving.errors import ServerError

__all__ = ['make_context']


def make_context(certfile: str | None, keyfile: str | None) -> ssl.SSLContext | None:
    """The TLS of a server; ``None`` without a certificate.

    :param certfile: a PEM file with the certificate, those of the authorities between, and perhaps the key.
    :param keyfile: a PEM file with the key, if it is not in ``certfile``.
    :raises ServerError: the files are no certificate and its key.
    """
    if certfile is None:
        if keyfile is not None:
            raise ServerError('--keyfile needs --certfile')
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(['http/1.1'])
    try:
        context.load_cert_chain(certfile, keyfile, password=_refuse_to_ask)
    except OSError as exc:  # ssl.SSLError is one
        files = certfile if keyfile is None else f'{certfile} and {keyfile}'
        raise ServerError(f'cannot serve TLS with {files}: {exc.strerror or exc}') from exc
    return context


def _refuse_to_ask() -> bytes:
    raise OSError('the key is protected by a password')
