"""The site: what `site.toml` states, and nothing that can be derived from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Literal, get_args

from pydantic import Field

from tocsin.model.dates import Day
from tocsin.model.record import Fault, Record
from tocsin.model.shared import Names, Texts
from tocsin.model.signing import Signing
from tocsin.model.text import (
    Contact,
    Email,
    LanguageCode,
    Line,
    OnionHost,
    SecureAddress,
    WebAddress,
)

MissingPolicy = Literal["page", "list"]
FeedList = Literal["section", "country", "theme", "case", "archive"]
FEED_LISTS: tuple[FeedList, ...] = get_args(FeedList)


class Language(Record):
    """A language of the site. `fallback` is where readers are sent for what it lacks, in order.

    Direction, names of languages, countries and months come from CLDR by the code, or by `locale` where the
    usage of one country is preferred: `en-GB` writes 12 February 2013.
    """

    locale: LanguageCode | None = Field(None, description="whose usage dates and names follow, such as en-GB")
    fallback: tuple[LanguageCode, ...] = Field(
        (), description="languages for what this one lacks, best first"
    )


class Identity(Record):
    """Who the site speaks for."""

    name: Names = Field(description="name of the site, by language")
    strapline: Names = Field(description="the line below the name")
    introduction: Texts = Field(description="a paragraph for the home page and for search engines")
    contact: Email = Field(description="address for general mail, in the footer")
    corrections: Email = Field(description="address for those who found an error")


class FeedIdentity(Record):
    """Authority and date of `tag:` ids (RFC 4151), which never change, also when the address does; and sizes.

    A feed shows at least `items` items and at least those of `days` days before the newest. `lists` says
    which feeds there are beside that of everything in a language.
    """

    authority: Line = Field(description="domain or e-mail address that was yours on the date below")
    date: Day = Field(description="a day on which it was yours")
    items: int = Field(50, ge=1, description="how many items a feed shows at the least")
    days: int = Field(
        90, ge=1, description="how many days back from its newest item a feed reaches at the least"
    )
    lists: tuple[FeedList, ...] = Field(
        FEED_LISTS, description="which feeds there are beside that of everything: of what, or older ones"
    )
    moved: Day | None = Field(
        None, description="day on which the address last changed; feeds then tell their readers again"
    )

    def faults(self) -> Iterator[Fault]:
        if len(set(self.lists)) < len(self.lists):
            yield "lists", "names something twice; write each once"


class Licence(Record):
    """Under which terms others may use the texts."""

    name: Line = Field(description="short name of the licence")
    url: WebAddress = Field(description="address of its text")
    notice: Texts = Field(description="what others may do, in a sentence")


class SigningKey(Record):
    """A public key of the editors and where else its fingerprint is printed."""

    name: Line = Field(description="what the key is called")
    kind: Line = Field(description="what program it is for, such as minisign")
    fingerprint: Line = Field(description="the key or its fingerprint, in full")
    demonstration: bool = Field(False, description="readers are told not to trust it")
    printed_at: Texts = Field(description="where else it is printed, so that readers can compare")


class Leaving(Record):
    """A link that leads away from the site at once, for readers who must not be seen reading it."""

    address: WebAddress = Field(description="a harmless page that many people read, such as the weather")
    label: Names = Field(description="what the link says, by language")


class MissingTranslation(Record):
    """What stands under the address of a translation that does not exist, by kind.

    `page`: the interface in the reader's language, a notice, and the text in a language of the fallback
    chain. `list`: no page; lists show the item and send readers to the language that it exists in.
    """

    appeal: MissingPolicy = Field("list", description="for appeals")
    report: MissingPolicy = Field("list", description="for reports")
    statement: MissingPolicy = Field("list", description="for statements")
    portrait: MissingPolicy = Field("page", description="for portraits")
    page: MissingPolicy = Field("page", description="for pages of the network")


class Permanent(Record):
    """What copies that nobody can take back may hold, by kind: archives that are handed on.

    All else is *recallable*: it may have to be corrected or withdrawn for the safety of a person.
    """

    appeal: bool = Field(False, description="for appeals")
    report: bool = Field(True, description="for reports")
    statement: bool = Field(True, description="for statements")
    portrait: bool = Field(False, description="for portraits")
    page: bool = Field(True, description="for pages of the network")
    member: bool = Field(False, description="for member organisations")


class Links(Record):
    """Links between items."""

    to_hidden: Literal["refuse", "hold"] = Field(
        "refuse",
        description="a link to what is not public yet: an error, or only its words until then",
    )


class Lists(Record):
    """Sizes of lists."""

    per_page: int = Field(20, ge=1, description="items on a numbered page of a list")
    home: int = Field(10, ge=1, description="items in the list of the home page")
    addressee_months: int = Field(
        12, ge=1, le=1200, description="after so many months an addressee is marked unverified"
    )


class Attachments(Record):
    """Documents that are published beside texts."""

    uncleaned: tuple[Line, ...] = Field(
        (),
        description="paths of files that cannot be cleaned and are published with all that they tell",
    )


class Social(Record):
    """What other sites are given to show with a link."""

    cards: bool = Field(
        True, description="draw a picture with its title for each item and language, for links on other sites"
    )


class Search(Record):
    """The search for readers who have JavaScript."""

    enabled: bool = Field(True, description="build an index, and a page that searches it in the browser")


class Served(Record):
    """What servers are told, beside what is the same for every site."""

    onion: OnionHost | None = Field(
        None, description="host of the site's onion service; servers then tell Tor Browser of it"
    )


class Security(Record):
    """Whom to tell about a weakness of the site: `.well-known/security.txt` (RFC 9116)."""

    contact: tuple[Contact, ...] = Field(
        min_length=1, description="how to reach those who look after the site, the best way first"
    )
    expires: Day = Field(description="day from which nobody should rely on this; less than a year ahead")
    encryption: SecureAddress | None = Field(None, description="page with a key for encrypted messages")
    policy: SecureAddress | None = Field(None, description="page that says how reports are handled")
    acknowledgments: SecureAddress | None = Field(None, description="page that thanks those who reported")
    languages: tuple[LanguageCode, ...] = Field((), description="languages that reports may be written in")


class Site(Record):
    """The whole of `site.toml`."""

    schema_: Literal[1] = Field(alias="schema", description="version of the form of this file")
    address: WebAddress = Field(description="canonical address of the site, with '/' at its end")
    default_language: LanguageCode = Field(description="language whose pages have no prefix")
    languages: dict[LanguageCode, Language] = Field(
        description="languages of the site, in the order of switchers"
    )
    identity: Identity = Field(description="who the site speaks for")
    feeds: FeedIdentity = Field(description="what identities of feed entries begin with; never to be changed")
    licence: Licence = Field(description="terms on which others may use the texts")
    keys: tuple[SigningKey, ...] = Field(
        (), description="public keys of the editors, shown by pages that ask for it"
    )
    leaving: Leaving | None = Field(
        None, description="a link at the top of every page that leads away from the site at once"
    )
    missing_translation: MissingTranslation = Field(
        MissingTranslation(), description="what stands in place of a translation that does not exist, by kind"
    )
    permanent: Permanent = Field(
        Permanent(), description="what copies that nobody can take back may hold, by kind"
    )
    links: Links = Field(Links(), description="links between items")
    lists: Lists = Field(Lists(), description="sizes of lists")
    search: Search = Field(Search(), description="search for readers who have JavaScript")
    social: Social = Field(Social(), description="what other sites are given to show with a link")
    served: Served = Field(Served(), description="what servers are told")
    security: Security | None = Field(None, description="whom to tell about a weakness of the site")
    signing: Signing | None = Field(
        None, description="who signs releases; without it a throw-away key for demonstration does"
    )
    attachments: Attachments = Field(Attachments(), description="documents that are published beside texts")

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
        if (language, original) not in self._orders:
            rest = (*self.languages[language].fallback, original, *self.languages)
            self._orders[language, original] = tuple(dict.fromkeys((language, *rest)))
        return self._orders[language, original]

    def for_offline(self, languages: Collection[LanguageCode]) -> Site:
        """The same site in some of its languages, without what needs a server.

        Where its default language is not among them, the first of them is.
        """
        codes = [code for code in self.languages if code in languages]
        chosen = {
            code: self.languages[code].model_copy(
                update={"fallback": tuple(one for one in self.languages[code].fallback if one in codes)}
            )
            for code in codes
        }
        default = self.default_language if self.default_language in codes else codes[0]
        changes = {"languages": chosen, "default_language": default, "leaving": None}
        made = self.model_copy(
            update={**changes, "search": Search(enabled=False), "social": Social(cards=False)}
        )
        made.__dict__.pop("_orders", None)  # those of the other languages
        return made

    @cached_property
    def _orders(self) -> dict[tuple[LanguageCode, LanguageCode], tuple[LanguageCode, ...]]:
        """The orders that were asked for: every page asks for several."""
        return {}


def pick(names: Mapping[LanguageCode, str], order: tuple[LanguageCode, ...]) -> tuple[str, LanguageCode]:
    """The first of `names` in `order`, with its language."""
    for code in order:
        if code in names:
            return names[code], code
    code = min(names)
    return names[code], code
