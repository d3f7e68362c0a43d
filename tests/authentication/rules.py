"""Views of a project with every rule that an account may have to meet, for the table."""

AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role',
    'order': ['reader', 'editor', 'admin'],
}
RULES = """
class Rule(View):
    def get(self):
        return get_account(self.request).name


class Attribute(Rule):
    permissions = {'editor'}


class Text(Rule):
    permissions = 'editor'
    authentication_required = False


class Method(View):
    authentication_required = False

    @require_permission('editor')
    async def get(self):
        return get_account(self.request).name


@require_permission('editor')
class Class(Rule):
    pass


@require_one_permission('editor', 'nobody')
class One(Rule):
    pass


@require_all_permissions('reader', 'editor')
class All(Rule):
    pass


@require_permission('reader')
class Combined(View):
    permissions = ['reader']

    @require_one_permission('nobody', 'editor')
    def get(self):
        return get_account(self.request).name


ROUTES += [
    ('/attribute', Attribute), ('/text', Text), ('/method', Method), ('/class', Class), ('/one', One), ('/all', All),
    ('/combined', Combined), ('/function', require_permission('editor')(name_of)),
    ('/function-one', require_one_permission('editor', 'nobody')(name_of)),
    ('/function-all', require_all_permissions('reader', 'editor')(name_of)),
]
"""
FOR_EVERYBODY = ('/view', '/private')
FOR_EDITORS = (
    '/attribute', '/text', '/method', '/class', '/one', '/all', '/combined', '/function', '/function-one',
    '/function-all',
)  # fmt: skip
