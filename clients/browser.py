"""A browser without a screen: follows the pages of the sign-in as a person would, by their forms alone.

Started as a program it opens one address, with the person in the environment; that makes it what `webbrowser` starts.
"""

import base64
import hashlib
import hmac
import json
import os
import struct
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import LWPCookieJar
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

STEPS = 40


@dataclass
class Form:
    """A form with what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms, links and text of a page."""

    def __init__(self, url: str, text: str):
        super().__init__()
        self.url, self.forms, self.links, self.words = url, [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", self.url), given.get("method", "get").lower()))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and self.forms and given.get("name"):
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag == "a" and "button" in given.get("class", "").split():
            self.links.append(given.get("href", ""))

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    def form(self, ending: str) -> Form | None:
        return next((form for form in self.forms if urlsplit(form.action).path.endswith(ending)), None)


def code_of(secret: str, step: int) -> str:
    """RFC 6238 with its usual parameters."""
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret.replace(" ", "")) % 8))
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class Person:
    """Somebody who signs in, with what they know; kept in a file since several browsers share it."""

    file: Path

    def __getitem__(self, name: str) -> str:
        return json.loads(self.file.read_text(encoding="utf-8")).get(name, "")

    def keep(self, **values) -> None:
        known = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        self.file.write_text(json.dumps({**known, **values}), encoding="utf-8")

    def code(self) -> str:
        """A code that was not used before: a server takes none twice, so one of the next step if need be."""
        step = max(int(time.time()) // 30, int(self["step"] or 0) + 1)
        self.keep(step=step)
        return code_of(self["secret"], step)


class Browser:
    """Follows pages until they lead away, or to one that asks for nothing."""

    def __init__(self, person: Person):
        self.person = person
        self.session = requests.Session()
        # Like any browser it stays signed in, also when it is opened anew.
        self.cookies = LWPCookieJar(str(person.file.with_suffix(".cookies")))
        if Path(self.cookies.filename).exists():
            self.cookies.load(ignore_discard=True)
        self.session.cookies = self.cookies
        self.session.headers["Accept-Language"] = "en"

    def open(self, url: str) -> Page:
        page = self.follow(self.session.get(url, timeout=60, allow_redirects=False))
        self.cookies.save(ignore_discard=True)
        return page

    def follow(self, answer: requests.Response) -> Page:
        for _ in range(STEPS):
            if answer.is_redirect:
                answer = self.session.get(urljoin(answer.url, answer.headers["Location"]), timeout=60,
                                          allow_redirects=False)
                continue
            page = Page(answer.url, answer.text)
            following = self.step(page)
            if following is None:
                return page
            answer = following
        raise AssertionError(f"no end at {answer.url}")

    def submit(self, page: Page, form: Form, **values: str) -> requests.Response:
        return self.session.request(
            form.method, urljoin(page.url, form.action), data={**form.fields, **values}, timeout=60,
            allow_redirects=False, headers={"Origin": "{0.scheme}://{0.netloc}".format(urlsplit(page.url))},
        )

    def step(self, page: Page) -> requests.Response | None:
        person = self.person
        if form := page.form("/sign-in/name"):
            return self.submit(page, form, name=person["name"])
        if form := page.form("/sign-in/password"):
            return self.submit(page, form, password=person["password"])
        if form := page.form("/sign-in/new-password"):
            return self.submit(page, form, password=person["password"], again=person["password"])
        if form := page.form("/sign-in/set-up-totp"):
            person.keep(secret=max(page.words, key=lambda word: looks_like_a_secret(word)))
            return self.submit(page, form, code=person.code())
        if form := page.form("/sign-in/code"):
            return self.submit(page, form, code=person.code())
        if form := page.form("/sign-in/codes"):
            return self.submit(page, form)
        for form in page.forms:
            if ("decision", "allow") in form.buttons:
                return self.submit(page, form, decision="allow")
        if (form := page.form("/device")) and form.fields.get("code"):
            return self.submit(page, form)
        if any("code" in form.fields and "state" in form.fields for form in page.forms):
            return self.submit(page, page.forms[-1])
        if page.links and not urlsplit(page.url).path.startswith("/account"):
            return self.session.get(urljoin(page.url, page.links[0]), timeout=60, allow_redirects=False)
        return None


def looks_like_a_secret(word: str) -> int:
    plain = word.replace(" ", "")
    return len(plain) if plain.isalnum() and plain == plain.upper() else 0


if __name__ == "__main__":
    Browser(Person(Path(os.environ["PERSON"]))).open(sys.argv[1])
