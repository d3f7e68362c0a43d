"""The errors that views raise."""

import pytest

from colibris import api
from colibris.errors import ColibrisError

KINDS = {
    api.ParseError: (400, 'bad_request'),
    api.InvalidRequest: (400, 'invalid_request'),
    api.NotAuthenticated: (401, 'not_authenticated'),
    api.PermissionDenied: (403, 'permission_denied'),
    api.NotFound: (404, 'not_found'),
    api.Conflict: (409, 'conflict'),
    api.RequestTimeout: (408, 'request_timeout'),
    api.PreconditionFailed: (412, 'precondition_failed'),
    api.PreconditionRequired: (428, 'precondition_required'),
    api.ExpectationFailed: (417, 'expectation_failed'),
    api.UpgradeRequired: (426, 'upgrade_required'),
    api.HeadersTooLarge: (431, 'headers_too_large'),
    api.TooManyRequests: (429, 'too_many_requests'),
    api.PayloadTooLarge: (413, 'payload_too_large'),
    api.UnsupportedMediaType: (415, 'unsupported_media_type'),
    api.APIException: (500, 'server_error'),
    api.ServiceUnavailable: (503, 'service_unavailable'),
}


@pytest.mark.parametrize(('kind', 'status', 'code'), [(kind, *values) for kind, values in KINDS.items()])
def test_kinds(kind, status, code):
    error = kind()
    assert issubclass(kind, ColibrisError)
    assert (error.status, error.code, error.headers) == (status, code, {})
    assert error.body == {'code': code, 'message': kind.__doc__.splitlines()[0], 'details': None}


def test_everything_can_be_said():
    error = api.Conflict('no', code='mine', details={'a': 1}, headers={'X-Own': 'yes'})
    assert error.body == {'code': 'mine', 'message': 'no', 'details': {'a': 1}}
    assert error.headers == {'X-Own': 'yes'}
    assert api.Conflict.code == 'conflict'


def test_method_not_allowed():
    error = api.MethodNotAllowed('PUT', {'POST', 'GET'})
    assert (error.status, error.headers) == (405, {'Allow': 'GET, POST'})
    assert error.body['details'] == {'allowed': ['GET', 'POST']}


def test_every_exception_is_tested():
    kinds = {getattr(api, name) for name in api.__all__}
    assert kinds == {*KINDS, api.MethodNotAllowed}
