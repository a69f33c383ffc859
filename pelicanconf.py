"""Pelican's mechanics. The facts of the site are in `site.toml`, what it says is under `content/`.

Run `python3 tasks.py build`: it reads and checks everything before Pelican starts.
"""

import sys
from pathlib import Path

from jinja2 import StrictUndefined

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plugins import site

PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
PLUGINS = [site]

# Every page is made by the plugin from the library; Pelican's own generators find nothing.
ARTICLE_PATHS = []
PAGE_PATHS = []
STATIC_PATHS = []
THEME_STATIC_PATHS = []
DIRECT_TEMPLATES = []
READERS = {"html": None, "htm": None, "rst": None}
USE_FOLDER_AS_CATEGORY = False

# Pelican's feeds carry the host in their ids; the site makes its own.
FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None

# A misspelt variable stops the build; text is escaped unless a template's author could not do otherwise.
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "auto_reload": False,
    "lstrip_blocks": True,
    "trim_blocks": True,
    "undefined": StrictUndefined,
}

# Nothing of the machine may reach the output.
TIMEZONE = "UTC"
LOCALE = ["C"]
DEFAULT_LANG = "en"
CACHE_CONTENT = False
LOAD_CONTENT_CACHE = False
