import datetime
import uuid

from colibris import persist


class Account(persist.Model):
    api_key = persist.CharField(unique=True)
    role = persist.CharField()


class Maker(persist.Model):
    """Who makes things."""

    name = persist.CharField(max_length=40, unique=True)
    founded = persist.DateField(null=True)


class Thing(persist.Model):
    """A thing to sell."""

    name = persist.CharField(max_length=20)
    maker = persist.ForeignKeyField(Maker, null=True, backref='things', on_delete='SET NULL')
    note = persist.TextField(null=True)
    stock = persist.IntegerField(default=0, constraints=[persist.Check('stock >= 0')])
    small = persist.SmallIntegerField(default=1)
    big = persist.BigIntegerField(null=True)
    price = persist.DecimalField(max_digits=8, decimal_places=2, null=True)
    weight = persist.FloatField(null=True)
    is_new = persist.BooleanField(default=True)
    made = persist.DateTimeField(default=lambda: datetime.datetime(2020, 1, 1))
    day = persist.DateField(null=True)
    hour = persist.TimeField(null=True)
    code = persist.UUIDField(default=uuid.uuid4)
    kind = persist.CharField(max_length=5, choices=[('a', 'Apple'), ('b', 'Berry')], default='a')
    address = persist.IPField(null=True)
    extra = persist.JSONField(null=True)


class Seat(persist.Model):
    """A place to sit."""

    row = persist.IntegerField()
    number = persist.IntegerField()
    label = persist.CharField(max_length=10, unique=True)

    class Meta:
        primary_key = persist.CompositeKey('row', 'number')


class Tag(persist.Model):
    """A word for things."""

    word = persist.CharField(max_length=30, primary_key=True)
    weight = persist.IntegerField(default=1)


class Wish(persist.Model):
    """What an account wants."""

    owner = persist.ForeignKeyField(Account)
    text = persist.CharField(max_length=50)
