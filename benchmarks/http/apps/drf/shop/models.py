from django.db import models
from django.utils import timezone


class Account(models.Model):
    name = models.CharField(max_length=64)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = 'account'


class Item(models.Model):
    name = models.CharField(max_length=64)
    description = models.TextField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    quantity = models.IntegerField()
    tag = models.CharField(max_length=32)
    active = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = 'item'
