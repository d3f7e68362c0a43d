"""The model of sessions that are kept in the database."""

from typing import TYPE_CHECKING

from colibris.utils.imports import import_string

if TYPE_CHECKING:
    from colibris import persist
else:
    persist = import_string('colibris.persist')  # areas do not know each other

__all__ = ['SessionModel']


class SessionModel(persist.Model):
    """Sessions. A project inherits it, so that the table belongs to the project and its migrations make it.

    A row holds nothing by which anybody could log in: what the browser has is the text of which ``digest`` is
    made. To end an account's sessions, delete the rows whose ``account`` is the text of its primary key.
    """

    digest = persist.CharField(max_length=64, primary_key=True)
    account = persist.CharField(max_length=255, index=True)
    ends = persist.BigIntegerField()
    idle_seconds = persist.BigIntegerField(null=True)
    expires = persist.BigIntegerField(index=True)
    proof = persist.CharField(max_length=128)

    class Meta:
        """No table of its own."""

        abstract = True
