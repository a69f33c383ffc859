"""Stock Pelican with its simple theme: no plugin; categories are sections, tags themes, authors countries."""

SITENAME = "Network of the Bell"
SITEURL = "https://bench.example"
PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
THEME_TEMPLATES_OVERRIDES = ["overrides"]
TIMEZONE = "UTC"
LOCALE = ["C"]
DEFAULT_LANG = "en"
DEFAULT_PAGINATION = 20
PAGINATED_TEMPLATES = {"index": None, "category": None, "tag": 1_000_000, "author": 1_000_000}

ARTICLE_PATHS = [
    f"{code}/{section}" for code in ("en", "fr", "ar") for section in ("appeals", "reports", "statements")
]
PAGE_PATHS = [f"{code}/network" for code in ("en", "fr", "ar")]
STATIC_PATHS: list[str] = []
PATH_METADATA = r"(?P<lang>[a-z]{2})/(?P<category>[a-z]+)/(?P<slug>[a-z0-9-]+)\.md"

ARTICLE_URL = "{category}/{slug}/"
ARTICLE_SAVE_AS = "{category}/{slug}/index.html"
ARTICLE_LANG_URL = "{lang}/{category}/{slug}/"
ARTICLE_LANG_SAVE_AS = "{lang}/{category}/{slug}/index.html"
PAGE_URL = "network/{slug}/"
PAGE_SAVE_AS = "network/{slug}/index.html"
PAGE_LANG_URL = "{lang}/network/{slug}/"
PAGE_LANG_SAVE_AS = "{lang}/network/{slug}/index.html"
CATEGORY_URL = "{slug}/"
CATEGORY_SAVE_AS = "{slug}/index.html"
TAG_URL = "themes/{slug}/"
TAG_SAVE_AS = "themes/{slug}/index.html"
AUTHOR_URL = "countries/{slug}/"
AUTHOR_SAVE_AS = "countries/{slug}/index.html"
YEAR_ARCHIVE_URL = "years/all-{date:%Y}/"
YEAR_ARCHIVE_SAVE_AS = "years/all-{date:%Y}/index.html"
PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)

DIRECT_TEMPLATES = ["index", "authors", "tags", "sitemap"]
AUTHORS_SAVE_AS = "countries/index.html"
TAGS_SAVE_AS = "themes/index.html"
SITEMAP_SAVE_AS = "sitemap.xml"

FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
TRANSLATION_FEED_ATOM = "{lang}/feeds/all.atom"
TRANSLATION_FEED_RSS = "{lang}/feeds/all.rss"
RSS_FEED_SUMMARY_ONLY = False
FEED_MAX_ITEMS = 50

MARKDOWN = {
    "extensions": [
        "markdown.extensions.meta",
        "markdown.extensions.footnotes",
        "markdown.extensions.tables",
        "markdown.extensions.def_list",
        "markdown.extensions.attr_list",
        "markdown.extensions.abbr",
        "markdown.extensions.sane_lists",
    ],
    "extension_configs": {},
    "output_format": "html5",
}
