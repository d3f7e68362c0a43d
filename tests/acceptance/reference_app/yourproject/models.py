from colibris import persist


class User(persist.Model):
    username = persist.CharField(unique=True)
    password = persist.CharField()
    first_name = persist.CharField()
    last_name = persist.CharField()
    email = persist.CharField()
    secret = persist.CharField(null=True)
    role = persist.CharField(default='user')


class Model(persist.Model):
    name = persist.CharField()
    price = persist.IntegerField(default=0)
    owner = persist.ForeignKeyField(User, null=True)
