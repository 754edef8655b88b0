"""The words of mails. No amount, no name, no address of an account: a mailbox is read by others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wallet_service.languages.catalogues import said
from wallet_service.notices.models import Mail, NoticeKind, RecipientKind, Told

_WORDS = {
    NoticeKind.MONEY: ("Un mouvement sur votre compte.", "A movement on your account."),
    NoticeKind.ASKED: (
        "Quelqu’un que vous connaissez attend votre réponse.",
        "Somebody you know awaits your answer.",
    ),
    NoticeKind.SALE: ("Une vente a été payée.", "A sale was paid."),
    NoticeKind.REFUND_ASKED: (
        "Une caisse vous demande de signer un remboursement.",
        "A till asks you to sign a refund.",
    ),
    NoticeKind.DISPUTE: (
        "Un paiement est contesté, ou il y a du nouveau : lisez ce qui est retenu, et répondez si on vous le "
        "demande.",
        "A payment is contested, or there is news of it: read what is held, and answer if you are asked.",
    ),
    NoticeKind.KEYHOLDER: (
        "Une personne à qui vous laissez votre compte a payé, ou n’a pas pu.",
        "Somebody you let use your account has paid, or could not.",
    ),
    NoticeKind.BANK: ("Des nouvelles d’un virement.", "News of a bank transfer."),
    NoticeKind.SECURITY: (
        "Ce qui ouvre votre compte a changé, ou quelqu’un demande à le changer. Si ce n’est pas vous, ouvrez "
        "l’application maintenant et gelez votre compte.",
        "What opens your account has changed, or somebody asks to change it. If it is not you, open the "
        "app now and freeze your account.",
    ),
    NoticeKind.WAITING: ("Quelque chose attend dans la console.", "Something waits in the console."),
}


_TITLES = {
    NoticeKind.MONEY: (
        ("Un mouvement sur votre compte", "A movement on your account"),
        ("{count} mouvements sur votre compte", "{count} movements on your account"),
    ),
    NoticeKind.ASKED: (
        ("Quelqu’un attend votre réponse", "Somebody awaits your answer"),
        ("{count} demandes attendent votre réponse", "{count} requests await your answer"),
    ),
    NoticeKind.SALE: (
        ("Une vente payée", "A sale was paid"),
        ("{count} ventes payées", "{count} sales were paid"),
    ),
    NoticeKind.REFUND_ASKED: (
        ("Un remboursement à signer", "A refund to sign"),
        ("{count} remboursements à signer", "{count} refunds to sign"),
    ),
    NoticeKind.DISPUTE: (
        ("Un paiement contesté : lisez et répondez", "A contested payment: read and answer"),
        ("{count} nouvelles de paiements contestés", "{count} news of contested payments"),
    ),
    NoticeKind.KEYHOLDER: (
        (
            "Un proche a payé avec votre compte, ou n’a pas pu",
            "A payment by somebody you let pay",
        ),
        ("{count} paiements de vos proches", "{count} payments by people close to you"),
    ),
    NoticeKind.BANK: (
        ("Des nouvelles d’un virement", "News of a bank transfer"),
        ("{count} nouvelles de virements", "{count} news of bank transfers"),
    ),
    NoticeKind.WAITING: (
        ("Quelque chose attend dans la console", "Something waits in the console"),
        ("{count} choses attendent dans la console", "{count} things wait in the console"),
    ),
}


def title_of(told: Sequence[Told], language: str) -> str:
    """What a notification shows: the gravest of it in one sentence; empty for nothing."""
    counts = {each.kind: each.count for each in told}
    if NoticeKind.SECURITY in counts:
        return said(language, "Votre compte : vérifiez ce qui l’ouvre", "Your account: check what opens it")
    if len(counts) > 1:
        return said(language, "{count} nouvelles", "{count} news").format(count=sum(counts.values()))
    for kind, count in counts.items():
        words = _TITLES[kind]
        return said(language, *words[0]) if count == 1 else said(language, *words[1]).format(count=count)
    return ""


@dataclass(frozen=True)
class Place:
    """Where a recipient of that sort reads what happened, and at which address."""

    kind: RecipientKind
    origin: str


#: What that place is called: its subject, "in ...", and where there one says how one wants to be told.
_PLACES: Mapping[RecipientKind, Mapping[str, tuple[str, str]]] = {
    "member": {
        "subject": ("Du nouveau dans votre portefeuille", "News in your wallet"),
        "detail": ("Le détail est dans votre application", "The details are in your app"),
        "app": ("l’application", "the app"),
        "stop": ("« Moi », « Être prévenu »", "“Me”, “Being told”"),
    },
    "officer": {
        "subject": ("Du nouveau dans la console", "News in the console"),
        "detail": ("Le détail est dans la console", "The details are in the console"),
        "app": ("la console", "the console"),
        "stop": ("« Mes accès », « Être prévenu »", "“My access”, “Being told”"),
    },
}


def news_mail(address: str, kinds: Iterable[NoticeKind], language: str, where: Place) -> Mail:
    """`kinds` in the order they are told."""
    words = {name: said(language, *both) for name, both in _PLACES[where.kind].items()}
    lines = [said(language, *_WORDS[kind]) for kind in kinds]
    foot = said(
        language,
        "{detail} : {origin}\n\n"
        "Ce courrier ne contient ni montant ni lien à confirmer. Pour ne plus le recevoir : {stop}.",
        "{detail}: {origin}\n\nThis mail holds no amount and no link to confirm. To stop it: {stop}.",
    ).format(detail=words["detail"], origin=where.origin, stop=words["stop"])
    return Mail(address, words["subject"], "\n".join(lines) + "\n\n" + foot + "\n")


def code_mail(address: str, code: str, language: str, kind: RecipientKind = "member") -> Mail:
    app = said(language, *_PLACES[kind]["app"])
    subject = said(language, "Votre code : {code}", "Your code: {code}").format(code=code)
    text = said(
        language,
        "Tapez ce code dans {app} pour être prévenu à cette adresse : {code}\n\n"
        "Vous n’avez rien demandé ? Ne faites rien : cette adresse ne servira pas.\n",
        "Type this code in {app} to be told at this address: {code}\n\n"
        "You did not ask for it? Do nothing: this address will not be used.\n",
    ).format(app=app, code=code)
    return Mail(address, subject, text)


def invitation_mail(address: str, name: str, link: str, language: str, *, is_send: bool) -> Mail:
    """To somebody who may be no member, from one who gave that address. No amount, and not what they wrote.

    `name` is short ("Chloé V."), and said so that the mail is not one of those that nobody signs.
    """
    from_whom = name or said(language, "Quelqu’un", "Somebody")
    subject = (
        said(language, "{name} veut vous envoyer de l’argent", "{name} wants to send you money")
        if is_send
        else said(language, "{name} vous fait une demande", "{name} has a request for you")
    ).format(name=from_whom)
    text = said(
        language,
        "{subject}, avec la monnaie de la région.\n\nPour voir de quoi il s’agit : {link}\n\n"
        "Personne ne vous demandera de code ni de carte. Vous ne connaissez pas cette personne ? "
        "Ne faites rien : votre adresse est oubliée d’ici un mois.\n",
        "{subject}, in the region's currency.\n\nTo see what it is about: {link}\n\n"
        "Nobody will ask you for a code or a card. You do not know this person? Do nothing: "
        "your address is forgotten within a month.\n",
    ).format(subject=subject, link=link)
    return Mail(address, subject, text)
