"""Why a service is not healthy."""

from colibris.api import APIException

__all__ = ['HealthException', 'NotReady']


class HealthException(APIException):
    """The service is not healthy."""

    status = 500
    code = 'unhealthy'


class NotReady(APIException):
    """The service is not ready."""

    status = 503
    code = 'not_ready'
