from colibris import persist


class Author(persist.Model):
    name = persist.CharField(unique=True)
    number = persist.IntegerField(default=0)


class Book(persist.Model):
    author = persist.ForeignKeyField(Author, backref='books')
    title = persist.TextField()


class Everything(persist.Model):
    integer = persist.IntegerField(null=True)
    small = persist.SmallIntegerField(null=True)
    big = persist.BigIntegerField(null=True)
    single = persist.FloatField(null=True)
    double = persist.DoubleField(null=True)
    decimal = persist.DecimalField(max_digits=20, decimal_places=4, null=True)
    char = persist.CharField(null=True)
    fixed = persist.FixedCharField(max_length=5, null=True)
    text = persist.TextField(null=True)
    boolean = persist.BooleanField(null=True)
    date = persist.DateField(null=True)
    datetime = persist.DateTimeField(null=True)
    time = persist.TimeField(null=True)
    timestamp = persist.TimestampField(null=True, default=None, resolution=6)
    uuid = persist.UUIDField(null=True)
    blob = persist.BlobField(null=True)
    json = persist.JSONField(null=True)
    ip = persist.IPField(null=True)


MODELS = [Author, Book, Everything]
