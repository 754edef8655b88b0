"""What each Python rule bites, marked at the end of its first line, and what it leaves alone. Never run."""

import contextlib
import datetime
import hashlib
import os
import pickle
import random
import subprocess
import tempfile
import urllib.request
import xml.etree.ElementTree  # bites: xml-with-entities

import httpx
import yaml
from lxml import etree
from markupsafe import Markup
from sqlalchemy import create_engine, select, text
from starlette.middleware.cors import CORSMiddleware


def sql(connection, members, name):
    connection.execute(text(f"select * from members where name = '{name}'"))  # bites: sql-made-of-text
    connection.execute(text("select * from members where name = '%s'" % name))  # bites: sql-made-of-text
    connection.execute("select " + name)
    connection.exec_driver_sql(f"delete from {name}")  # bites: sql-made-of-text
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute(text("select * from members where name = :name"), {"name": name})
    connection.execute(select(members).where(members.c.name == name))


def calls(url):
    urllib.request.urlopen(url)  # bites: call-without-time-out
    httpx.get(url)  # bites: call-without-time-out
    httpx.Client()  # bites: call-without-time-out
    httpx.get(url, timeout=None)  # bites: call-without-time-out
    httpx.get(url, timeout=2)
    urllib.request.urlopen(url, timeout=2)
    httpx.get(url, timeout=2, follow_redirects=True)  # bites: redirects-followed
    httpx.get(url, timeout=2, verify=False)  # bites: certificate-unchecked


def swallows(act):
    try:  # bites: exception-swallowed
        act()
    except Exception:
        pass
    try:  # bites: exception-swallowed
        act()
    except:
        act()
    with contextlib.suppress(Exception):  # bites: exception-swallowed
        act()
    with contextlib.suppress(FileNotFoundError):
        act()
    try:
        act()
    except ValueError:
        pass


def runs(words):
    eval(words)  # bites: code-from-text
    exec(words)  # bites: code-from-text
    subprocess.run(words, shell=True, timeout=2)  # bites: shell
    os.system(words)  # bites: shell
    subprocess.run(["ls", words], timeout=2)


def money(amount_cents, sale):
    amount_cents / 3  # bites: float-meets-cents
    float(amount_cents)  # bites: float-meets-cents
    sale.amount_cents / 100  # bites: float-meets-cents
    return amount_cents // 3


def logs(log, member, act):
    log.info("member.seen", given_name=member.given_name)  # bites: person-in-the-log
    log.warning("payout.made", iban=member.iban)  # bites: person-in-the-log
    log.info("session.opened", token=member.token)  # bites: person-in-the-log
    log.info("member.seen", member_id=member.id)
    try:
        act()
    except ValueError as error:
        log.warning("act.failed", reason=str(error))  # bites: exception-text-in-the-log
        log.warning("act.failed", error=type(error).__name__)


def hashes(data):
    hashlib.md5(data)  # bites: weak-hash
    hashlib.sha1(data)  # bites: weak-hash
    hashlib.sha256(data)
    random.randint(0, 9)  # bites: chance-that-can-be-guessed


def reads(data):
    pickle.loads(data)  # bites: unsafe-deserialisation
    yaml.load(data)  # bites: unsafe-deserialisation
    etree.XMLParser(huge_tree=True)  # bites: xml-with-entities
    etree.XMLParser(resolve_entities=False)


def pages(name, jinja2):
    Markup(f"<b>{name}</b>")  # bites: markup-of-text
    jinja2.Environment(autoescape=False)  # bites: markup-of-text
    return Markup("<b></b>")


def secrets_compared(session, given, officers):
    session.csrf_token == given  # bites: secret-compared-in-haste
    if given != session.code_hash:
        pass
    return officers.c.code_hash == given


def moments():
    datetime.datetime.now()  # bites: clock-without-zone
    datetime.date.today()  # bites: clock-without-zone
    datetime.datetime.now(datetime.UTC)


def opens(path, app, serve):
    os.chmod(path, 0o777)  # bites: open-to-everybody
    tempfile.mktemp()  # bites: open-to-everybody
    serve(app, host="0.0.0.0")  # bites: open-to-everybody
    os.chmod(path, 0o600)
    create_engine("postgresql://")  # bites: statement-values-in-errors
    create_engine("postgresql://", hide_parameters=True)


def answers(response, token, app):
    response.set_cookie("alba_session", token)  # bites: cookie-scripts-can-read
    response.set_cookie("alba_session", token, httponly=True, samesite="strict")
    app.add_middleware(CORSMiddleware)  # bites: other-origins-let-in
    return {"Access-Control-Allow-Origin": "*"}  # bites: other-origins-let-in
