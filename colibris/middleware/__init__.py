"""The steps of a request's way.

1. :func:`~colibris.middleware.operation.identify_operation`: the operation id is taken from the request, or made;
2. :func:`~colibris.middleware.bridge.drive_request`: from here on plain code may wait, and what it holds is released
   when the request's work is done;
3. :func:`handle_errors_json`: what goes wrong becomes a JSON answer;
4. :func:`handle_auth`: the request's account is found, and the view's permissions are demanded of it;
5. :func:`handle_schema_validation`: data that aiohttp-apispec's decorators describe is validated;
6. :func:`~colibris.middleware.repetition.report_repetition`: in ``DEBUG``, statements that the view repeats are
   reported;
7. :func:`~colibris.middleware.atomic_requests.wrap_in_transaction`: with ``DATABASE['atomic_requests']``, what the view
   changes is committed, or rolled back;
8. the view.

The first two are always there, 6 and 7 where there is a database and they are asked for; the setting ``MIDDLEWARE``
lists the others.
"""

from colibris.middleware.auth import handle_auth
from colibris.middleware.bridge import drive_request
from colibris.middleware.errors import handle_errors_json
from colibris.middleware.operation import identify_operation, name_operation
from colibris.middleware.validation import handle_schema_validation

__all__ = [
    'drive_request',
    'handle_auth',
    'handle_errors_json',
    'handle_schema_validation',
    'identify_operation',
    'name_operation',
]
