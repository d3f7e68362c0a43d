"""The steps of a request's way.

1. :func:`~colibris.middleware.operation.identify_operation`: the operation id is taken from the request, or made;
2. :func:`~colibris.middleware.compression.compress_responses`: with ``COMPRESS_RESPONSES``, the answer is compressed;
3. :func:`~colibris.middleware.conditional.answer_conditionally`: with ``ETAGS``, the answer gets an ``ETag``, and one
   that the client has already is not sent again;
4. :func:`~colibris.middleware.bridge.drive_request`: from here on plain code may wait, and what it holds is released
   when the request's work is done;
5. :func:`handle_errors_json`: what goes wrong becomes a JSON answer;
6. :func:`~colibris.middleware.hosts.check_host`: a request for a host that is not among ``ALLOWED_HOSTS`` is refused;
7. :func:`~colibris.middleware.cors.answer_preflight`: a browser that asks whether a page of ``CORS_ORIGINS`` may send
   its request is answered;
8. :func:`~colibris.middleware.address_limits.limit_addresses`: an address that sends too many requests is refused;
9. :func:`handle_auth`: the request's account is found, and the view's permissions are demanded of it;
10. :func:`~colibris.middleware.csrf.refuse_forgery`: a request that another site's page has made a browser send is
    refused;
11. :func:`~colibris.middleware.account_limits.limit_accounts`: an account that sends too many requests is refused;
12. :func:`handle_schema_validation`: data that aiohttp-apispec's decorators describe is validated;
13. :func:`~colibris.middleware.repetition.report_repetition`: in ``DEBUG``, statements that the view repeats are
    reported;
14. :func:`~colibris.middleware.atomic_requests.wrap_in_transaction`: with ``DATABASE['atomic_requests']``, what the
    view changes is committed, or rolled back;
15. :func:`~colibris.middleware.languages.remember_languages`: the client's languages are kept, for the locale of what
    the view renders;
16. the view.

Steps 1 and 4 are always there. The setting ``MIDDLEWARE`` lists 5, 9 and 12. The others are there where they are asked
for: 6 to 8 behind the step that answers errors, 10 and 11 behind the one that authenticates (10 where cookies do), 13
and 14 where there is a database, 15 where templates are translated.
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
