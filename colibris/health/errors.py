"""Why a service is not healthy."""

from colibris.api import APIException

__all__ = ['HealthException']


class HealthException(APIException):
    """The service is not healthy."""

    status = 500
    code = 'unhealthy'
