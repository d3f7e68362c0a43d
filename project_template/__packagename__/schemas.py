"""What requests and answers look like."""

from colibris.schemas import ModelSchema, fields, validate

from __packagename__ import models


class UserSchema(ModelSchema):
    """A user, as clients see and change them: without the API key."""

    username = fields.String(required=True, validate=validate.Length(1, 64))
    email = fields.Email(load_default=None, validate=validate.Length(max=254))

    class Meta:
        model = models.User
        exclude = ('api_key',)
        dump_only = ('created',)


class NewUserSchema(UserSchema):
    """A user who was just created, with the API key: no other answer shows it."""

    class Meta:
        model = models.User
        dump_only = ('api_key', 'created')
