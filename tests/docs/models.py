"""A model of each kind of field that documents meet."""

from colibris import persist


class Maker(persist.Model):
    """Who makes things."""

    name = persist.CharField(max_length=40, unique=True, help_text='How the maker is called.')


class Item(persist.Model):
    """A thing to sell.

    It has a price.
    """

    name = persist.CharField(max_length=20)
    note = persist.TextField(null=True)
    price = persist.DecimalField(max_digits=6, decimal_places=2, default=0)
    stock = persist.SmallIntegerField(default=0)
    size = persist.CharField(max_length=1, choices=[('s', 'small'), ('l', 'large')], default='s')
    maker = persist.ForeignKeyField(Maker, null=True)
    made = persist.DateTimeField(null=True)
    code = persist.UUIDField(null=True)
