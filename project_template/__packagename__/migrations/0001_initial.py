"""Create table user."""

import secrets

from colibris.persist import AutoField, CharField, DateTimeField


def up(schema):
    schema.create_table(
        'user',
        id=AutoField(),
        username=CharField(max_length=64, unique=True),
        email=CharField(max_length=254, null=True),
        first_name=CharField(max_length=64, default=''),
        last_name=CharField(max_length=64, default=''),
        role=CharField(max_length=16, default='user'),
        api_key=CharField(max_length=64, unique=True, default=secrets.token_urlsafe),
        created=DateTimeField(index=True),
    )


def down(schema):
    schema.drop_table('user')
