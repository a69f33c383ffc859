"""The site: what `site.toml` states, and nothing that can be derived from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from tocsin.model.dates import Day
from tocsin.model.record import Fault, Record
from tocsin.model.shared import Names, Texts
from tocsin.model.text import Email, LanguageCode, Line, WebAddress

MissingPolicy = Literal["page", "list"]


class Language(Record):
    """A language of the site. `fallback` is where readers are sent for what it lacks, in order.

    Direction, names of languages, countries and months come from CLDR by the code, or by `locale` where the
    usage of one country is preferred: `en-GB` writes 12 February 2013.
    """

    locale: LanguageCode | None = None

    fallback: tuple[LanguageCode, ...] = ()


class Identity(Record):
    """Who the site speaks for."""

    name: Names
    strapline: Names
    introduction: Texts
    contact: Email
    corrections: Email


class FeedIdentity(Record):
    """Authority and date of `tag:` ids (RFC 4151). They never change, also when the address does."""

    authority: Line
    date: Day
    items: int = Field(50, ge=1)


class Licence(Record):
    """Under which terms others may use the texts."""

    name: Line
    url: WebAddress
    notice: Texts


class SigningKey(Record):
    """A public key of the editors and where else its fingerprint is printed."""

    name: Line
    kind: Line
    fingerprint: Line
    demonstration: bool = False
    printed_at: Texts


class MissingTranslation(Record):
    """What stands under the address of a translation that does not exist, by kind.

    `page`: the interface in the reader's language, a notice, and the text in a language of the fallback
    chain. `list`: no page; lists show the item and send readers to the language that it exists in.
    """

    appeal: MissingPolicy = "list"
    report: MissingPolicy = "list"
    statement: MissingPolicy = "list"
    portrait: MissingPolicy = "page"
    page: MissingPolicy = "page"


class Lists(Record):
    """Sizes of lists."""

    per_page: int = Field(20, ge=1)
    home: int = Field(10, ge=1)
    addressee_months: int = Field(
        12, ge=1, le=1200, description="after so many months an addressee is marked unverified"
    )


class Site(Record):
    """The whole of `site.toml`."""

    schema_: Literal[1] = Field(alias="schema")
    address: WebAddress
    default_language: LanguageCode
    languages: dict[LanguageCode, Language]
    identity: Identity
    feeds: FeedIdentity
    licence: Licence
    keys: tuple[SigningKey, ...] = ()
    missing_translation: MissingTranslation = MissingTranslation()
    lists: Lists = Lists()

    def faults(self) -> Iterator[Fault]:
        if self.default_language not in self.languages:
            yield (
                "default_language",
                f"cannot be '{self.default_language}', which is not in [languages]; add it there",
            )
        for code, language in self.languages.items():
            others = [name for name in self.languages if name != code]
            for other in language.fallback:
                if other not in others:
                    known = ", ".join(others) if others else "none"
                    sentence = (
                        f"cannot be '{other}', which is not another of [languages]; the others are {known}"
                    )
                    yield f"languages.{code}.fallback", sentence
        if not self.address.endswith("/"):
            yield "address", f"must end with '/', so write '{self.address}/'"

    def order_for(self, language: LanguageCode, original: LanguageCode) -> tuple[LanguageCode, ...]:
        """The languages in which an item is offered to a reader of `language`, best first."""
        rest = (*self.languages[language].fallback, original, *self.languages)
        return tuple(dict.fromkeys((language, *rest)))


def pick(names: Mapping[LanguageCode, str], order: tuple[LanguageCode, ...]) -> tuple[str, LanguageCode]:
    """The first of `names` in `order`, with its language."""
    for code in order:
        if code in names:
            return names[code], code
    code = min(names)
    return names[code], code
