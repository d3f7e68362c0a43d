"""The books that the page's requests are about."""

MODELS = """
from colibris import persist


class Organization(persist.Model):
    name = persist.CharField(max_length=20)


class Author(persist.Model):
    name = persist.CharField(max_length=40, unique=True)


class Item(persist.Model):
    title = persist.CharField(max_length=40)
    author = persist.ForeignKeyField(Author)
    copies = persist.IntegerField(default=1)
    published = persist.DateField(null=True)
"""
BOOKS = [
    ('Dune', 'Frank Herbert', 3, '1965-08-01'),
    ('Emma', 'Jane Austen', 1, '1815-12-23'),
    ('100% Wolf', 'Jayne Lyons', 2, None),
    ('Persuasion', 'Jane Austen', 2, '1817-12-20'),
    ('Whipping Star', 'Frank Herbert', 1, '1970-01-01'),
]


def fill(models):
    """Make the books."""
    for title, name, copies, published in BOOKS:
        author, _ = models.Author.get_or_create(name=name)
        models.Item.create(title=title, author=author, copies=copies, published=published)
