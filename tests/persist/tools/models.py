"""Models of every kind: all types, chains, circles, keys of several columns, and none."""

import datetime
import enum

from colibris import persist


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class ColourField(persist.CharField):
    """Whose Python values are no JSON."""

    def db_value(self, value):
        return value.value if isinstance(value, Colour) else value

    def python_value(self, value):
        return None if value is None else Colour(value)


class Everything(persist.Model):
    bigint = persist.BigIntegerField(null=True)
    blob = persist.BlobField(null=True)
    boolean = persist.BooleanField(null=True)
    char = persist.CharField(max_length=50, null=True)
    colour = ColourField(null=True, max_length=1)
    date = persist.DateField(null=True)
    datetime = persist.DateTimeField(null=True)
    decimal = persist.DecimalField(max_digits=12, decimal_places=4, null=True)
    double = persist.DoubleField(null=True)
    integer = persist.IntegerField(null=True)
    ip = persist.IPField(null=True)
    json = persist.JSONField(null=True)
    small = persist.SmallIntegerField(null=True)
    stamp = persist.TimestampField(null=True, default=None)
    text = persist.TextField(null=True)
    time = persist.TimeField(null=True)
    uuid = persist.UUIDField(null=True)


class Person(persist.Model):
    name = persist.CharField(max_length=50, unique=True)
    made = persist.DateTimeField(default=lambda: datetime.datetime(2020, 1, 1))
    boss = persist.ForeignKeyField('self', null=True, backref='staff')
    team = persist.DeferredForeignKey('Team', null=True)


class Team(persist.Model):
    lead = persist.ForeignKeyField(Person)
    size = persist.IntegerField(default=3)


class Code(persist.Model):
    code = persist.CharField(max_length=10, primary_key=True)


class Thing(persist.Model):
    """Comes before what it refers to, by name."""

    owner = persist.ForeignKeyField(Person, column_name='owned_by')
    code = persist.ForeignKeyField(Code, null=True)


class Membership(persist.Model):
    person = persist.ForeignKeyField(Person)
    thing = persist.ForeignKeyField(Thing)
    rank = persist.IntegerField()

    class Meta:
        primary_key = persist.CompositeKey('person', 'thing')


class Note(persist.Model):
    text = persist.CharField(max_length=20)

    class Meta:
        primary_key = False


MODELS = [Everything, Person, Team, Code, Thing, Membership, Note]
