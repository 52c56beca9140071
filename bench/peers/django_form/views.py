"""The five requests."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from post_office import mail

from django_form.models import Action, Campaign, Legislator, Letter


class WhoForm(forms.Form):
    name = forms.CharField(label="Full name", max_length=120)
    email = forms.CharField(label="E-mail address", max_length=254)
    zip = forms.CharField(label="ZIP code", max_length=20)
    street = forms.CharField(label="Street", max_length=200, required=False)
    city = forms.CharField(label="City", max_length=120, required=False)
    phone = forms.CharField(label="Phone", max_length=40, required=False)


class LetterForm(forms.Form):
    personal = forms.CharField(
        label="Why does this matter to you?", max_length=2000, required=False, widget=forms.Textarea
    )
    subject = forms.CharField(label="Subject", max_length=200)
    body = forms.CharField(label="Your letter", max_length=5000, widget=forms.Textarea)
    consent = forms.BooleanField(label="Send this in my name")
    updates = forms.BooleanField(label="E-mail me updates", required=False)


class _SeeOther(HttpResponseRedirect):
    status_code = 303


def page(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign, slug=slug)
    if request.method != "POST":
        return render(request, "page.html", {"c": campaign, "form": WhoForm(initial=request.session.get("who", {}))})
    form = WhoForm(request.POST)
    if not form.is_valid() or form.cleaned_data["zip"] not in settings.SEATS:
        return render(request, "page.html", {"c": campaign, "form": form}, status=400)
    request.session["who"] = form.cleaned_data
    return _SeeOther(reverse("letter", args=[slug]))


def letter(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, who = get_object_or_404(Campaign, slug=slug), request.session["who"]
    targets = _targets_of(who)
    if request.method != "POST":
        texts = {"subject": campaign.subject.replace("{{ zip }}", who["zip"]), "body": campaign.body}
        return render(request, "letter.html", {"c": campaign, "targets": targets, "form": LetterForm(initial=texts)})
    form = LetterForm(request.POST)
    if not form.is_valid():
        return render(request, "letter.html", {"c": campaign, "targets": targets, "form": form}, status=400)
    token = _taken(campaign, who, targets, form.cleaned_data)
    del request.session["who"]
    return _SeeOther(reverse("receipt", args=[token]))


def receipt(request: HttpRequest, token: str) -> HttpResponse:
    action = get_object_or_404(Action, token=token)
    letters = Letter.objects.filter(action=action).select_related("mail")
    return render(request, "receipt.html", {"action": action, "letters": letters})


def _targets_of(who: dict[str, Any]) -> list[Legislator]:
    upper, lower = settings.SEATS[who["zip"]]
    theirs = Q(chamber="upper", district=upper) | Q(chamber="lower", district=lower)
    return list(Legislator.objects.filter(theirs).order_by("id"))


@transaction.atomic
def _taken(campaign: Campaign, who: dict[str, Any], targets: list[Legislator], text: dict[str, Any]) -> str:
    action = Action.objects.create(
        campaign=campaign,
        token=secrets.token_urlsafe(32),
        consent="Send this in my name",
        **{name: who[name] for name in ("name", "email", "zip", "city")},
    )
    for target in targets:
        queued = mail.send(
            target.email,
            f"{who['name']} via Example Org <letters@act.example.org>",
            subject=text["subject"],
            message=f"Dear {target.name},\n\n{text['personal']}\n\n{text['body']}\n\n{who['name']}\n",
            headers={"Reply-To": who["email"]},
        )
        Letter.objects.create(action=action, legislator=target, supporter=who["email"], target=target.name, mail=queued)
    Campaign.objects.filter(id=campaign.id).update(supporters=F("supporters") + 1)
    return action.token


urlpatterns = [
    path("campaigns/<slug:slug>", page),
    path("campaigns/<slug:slug>/letter", letter, name="letter"),
    path("receipts/<str:token>", receipt, name="receipt"),
]
