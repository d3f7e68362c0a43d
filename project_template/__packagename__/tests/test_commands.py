import argparse

import pytest
from colibris.commands import CommandError

from __packagename__ import commands, models


def add_user(*arguments):
    parser = argparse.ArgumentParser()
    command = commands.AddUserCommand()
    command.add_arguments(parser)
    command.handle(parser.parse_args(arguments))


def test_adduser(capsys):
    add_user('root', '--role', 'admin')

    user = models.User.get()
    assert (user.username, user.role) == ('root', 'admin')
    assert capsys.readouterr().out == f'{user.api_key}\n'


def test_adduser_twice(user):
    with pytest.raises(CommandError, match='already'):
        add_user(user.username)
