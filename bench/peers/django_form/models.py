"""The tables."""

from __future__ import annotations

from django.db import models
from post_office.models import Email


class Campaign(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    bill = models.CharField(max_length=40)
    summary = models.TextField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    supporters = models.IntegerField(default=0)


class Legislator(models.Model):
    chamber = models.CharField(max_length=10)
    district = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    email = models.EmailField()

    class Meta:
        unique_together = (("chamber", "district"),)


class Action(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    token = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    zip = models.CharField(max_length=20)
    city = models.CharField(max_length=120)
    consent = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)


class Letter(models.Model):
    action = models.ForeignKey(Action, on_delete=models.CASCADE)
    legislator = models.ForeignKey(Legislator, on_delete=models.CASCADE)
    supporter = models.EmailField()
    target = models.CharField(max_length=120)
    mail = models.ForeignKey(Email, on_delete=models.CASCADE)

    class Meta:
        unique_together = (("supporter", "legislator"),)
