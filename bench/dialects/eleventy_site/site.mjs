// What pages have in common: groups of documents, and the pieces of HTML that templates put together.
import { readFileSync } from "node:fs";

export const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf-8"));
export const origin = "https://bench.example/";
const perPage = 20;
const sections = ["appeals", "reports", "statements"];

export const home = (lang) => (lang === "en" ? "/" : `/${lang}/`);

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escape = (text) => (/[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (c) => entities[c]) : text);

// Markdown: links name files; a file that is not there stops the build.
let targets = {};
export function markdown(engine, footnote) {
  const md = engine({ html: false }).use(footnote);
  const plain = (tokens, place, options, env, self) => self.renderToken(tokens, place, options);
  md.renderer.rules.link_open = (tokens, place, ...rest) => {
    const token = tokens[place];
    const href = token.attrGet("href");
    if (href.startsWith("/content/")) {
      const [url] = targets["." + href] ?? [];
      if (!url) throw new Error(`link to nothing: ${href}`);
      token.attrSet("href", url);
    } else if (href.startsWith("https:")) {
      token.attrPush(["class", "outside"]);
      token.attrPush(["rel", "noopener noreferrer"]);
    }
    return plain(tokens, place, ...rest);
  };
  return md;
}
markdown.targets = (found) => {
  targets = found;
};

// Groups: made once for a build, shared by all collections.
let made = null;
export function forget() {
  made = null;
}
export function groups(api) {
  made ??= makeGroups(api.getAll().filter((item) => item.data.kind));
  return made;
}

// The pages of a list, cut from the newest on; `all` is the whole list on the first of them.
function paged({ lang, key, items }, tail) {
  const count = Math.max(Math.ceil(items.length / perPage), 1);
  const address = (number) => (number === 1 ? tail : `${tail}page/${number}/`);
  return Array.from({ length: count }, (_, place) => ({
    lang, key, number: place + 1, tail: address(place + 1),
    items: items.slice(place * perPage, (place + 1) * perPage),
    all: place ? [] : items,
    newer: place ? home(lang) + address(place) : null,
    older: place + 1 < count ? home(lang) + address(place + 2) : null,
  }));
}

function makeGroups(documents) {
  const by = { section: new Map(), year: new Map(), country: new Map(), theme: new Map(), case: new Map() };
  const put = (map, lang, key, item) => {
    const name = `${lang} ${key}`;
    if (!map.has(name)) map.set(name, { lang, key, items: [] });
    map.get(name).items.push(item);
  };
  const slugs = new Map();
  for (const item of documents) {
    const { lang, section, countries, themes, case: chain } = item.data;
    const slug = item.page.fileSlug;
    item.data.languages = slugs.get(`${section}/${slug}`) ?? slugs.set(`${section}/${slug}`, {}).get(`${section}/${slug}`);
    item.data.languages[lang] = item.url;
    if (section === "network") {
      put(by.section, lang, section, item);
      continue;
    }
    put(by.section, lang, section, item);
    put(by.year, lang, `${section}/${item.data.date.getUTCFullYear()}`, item);
    for (const code of countries) put(by.country, lang, code, item);
    for (const key of themes) put(by.theme, lang, key, item);
    if (chain) put(by.case, lang, chain, item);
  }
  const newest = (a, b) => b.data.date - a.data.date || (a.page.fileSlug < b.page.fileSlug ? 1 : -1);
  for (const map of Object.values(by)) for (const group of map.values()) if (group.items[0].data.date) group.items.sort(newest);
  for (const group of by.case.values()) for (const item of group.items) item.data.chain = group.items.toReversed();
  const sectionsOf = [...by.section.values()].filter((group) => group.key !== "network");
  const yearsOf = ({ lang, key }) =>
    [...by.year.values()]
      .filter((group) => group.lang === lang && group.key.startsWith(key + "/"))
      .map((group) => group.key.split("/")[1])
      .sort()
      .reverse();
  const lists = sectionsOf.flatMap((group) => {
    const pages = paged(group, `${group.key}/`);
    pages[0].years = yearsOf(group);
    return pages;
  });
  const languages = Object.keys(words).map((lang) => {
    const own = documents.filter((item) => item.data.lang === lang && item.data.section !== "network").sort(newest);
    const of = (map) => [...map.values()].filter((group) => group.lang === lang).sort((a, b) => (a.key < b.key ? -1 : 1));
    return {
      lang,
      newest: own.slice(0, 50),
      open: own.filter((item) => item.data.open),
      ended: own.filter((item) => item.data.ended).slice(0, 50),
      network: by.section.get(`${lang} network`)?.items ?? [],
      countries: of(by.country),
      themes: of(by.theme),
    };
  });
  menus = new Map(languages.map((own) => [own.lang, own.network]));
  return {
    documents, lists, languages,
    years: [...by.year.values()], cases: [...by.case.values()],
    countries: [...by.country.values()].flatMap((group) => paged(group, `countries/${group.key}/`)),
    themes: [...by.theme.values()].flatMap((group) => paged(group, `themes/${group.key}/`)),
    open: languages.flatMap(({ lang, open, ended }) => {
      const pages = paged({ lang, key: "cases", items: open }, "cases/");
      pages[0].ended = ended;
      return pages;
    }),
  };
}

// Pieces.
const formats = Object.fromEntries(
  Object.keys(words).map((lang) => [lang, new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" })]),
);
const stamps = new Map();
export function stamp(date, lang) {
  const key = lang + date.getTime();
  let text = stamps.get(key);
  if (!text) {
    text = `<time datetime="${date.toISOString().slice(0, 10)}">${formats[lang].format(date)}</time>`;
    stamps.set(key, text);
  }
  return text;
}

export const place = (data) => data.countries?.map((code) => words[data.lang].country_names[code]).join(", ") ?? "";

export function kind(data) {
  const ui = words[data.lang].ui;
  return ui[`kind-${data.kind}`] + (data.form ? ` · ${ui[data.form]}` : "");
}

export function state(data) {
  const status = data.status
    ? ` <strong${data.status === "open" ? ' class="open"' : ""}>${words[data.lang].ui[data.status]}</strong>`
    : "";
  return status + (data.fictional ? ' <span class="mark">*</span>' : "");
}

const headline = (data) => (data.countries?.length ? `${place(data)}: ` : "") + escape(data.title);

export const row = ({ data, url }) => `<li>
<p class="margin">${stamp(data.date, data.lang)}</p>
<div>
<h2><a href="${url}">${headline(data)}</a></h2>
<p class="kind">${kind(data)}${state(data)}</p>
<p class="summary">${escape(data.summary)}</p>
</div>
</li>
`;

export const brief = ({ data, url }) => `<li>
<p class="margin">${stamp(data.date, data.lang)}</p>
<div>
<h3><a href="${url}">${headline(data)}</a></h3>
<p class="kind">${kind(data)}${state(data)}</p>
</div>
</li>
`;

export function caseRow({ data }) {
  const first = data.chain[0];
  return `<li>
<p class="margin">${stamp(data.date, data.lang)}</p>
<div>
<h3><a href="${home(data.lang)}cases/${data.case}/">${headline(first.data)}</a></h3>
<p class="kind">${data.chain.length} ${words[data.lang].ui["appeals-count"]}${state(data)}</p>
</div>
</li>
`;
}

export function openCases(items, lang) {
  if (!items.length) return "";
  return `<section class="band">
<h2>${words[lang].ui["open-cases"]}</h2>
<ul class="rows">
${items.map(caseRow).join("")}</ul>
</section>
`;
}

export function pager({ lang, newer, older }) {
  const { ui } = words[lang];
  return `<nav class="pager">
${newer ? `<a rel="prev" href="${newer}">${ui.newer}</a>` : ""}
${older ? `<a rel="next" href="${older}">${ui.older}</a>` : ""}
</nav>`;
}

export function gathered(list) {
  const { lang, items, all } = list;
  const parts = sections.map((section) => {
    const own = items.filter((item) => item.data.section === section);
    if (!own.length) return "";
    return `<section class="band">
<h2>${words[lang].ui[section]}</h2>
<ul class="rows">
${own.map(brief).join("")}</ul>
</section>
`;
  });
  return openCases(all.filter((item) => item.data.open).slice(0, 50), lang) + parts.join("") + pager(list);
}

let menus = new Map();
const memo = new Map();
function once(key, make) {
  if (!memo.has(key)) memo.set(key, make());
  return memo.get(key);
}

const masthead = (lang, section) => {
  const { ui, name, strapline } = words[lang];
  const links = ["appeals", "cases", "reports", "statements", "countries", "themes", "network"].map(
    (key) => `<li><a href="${home(lang)}${key}/"${key === section ? ' aria-current="true"' : ""}>${ui[key]}</a></li>`,
  );
  return `<header class="masthead">
<div class="nameplate">
<p><a href="${home(lang)}">${name}</a></p>
<p class="strapline">${strapline}</p>
</div>
<nav class="sections" aria-label="${ui.sections}">
<ul>
${links.join("\n")}
</ul>
</nav>
</header>`;
};

const footer = (lang) => {
  const { ui, name, notice } = words[lang];
  const menu = (menus.get(lang) ?? []).map((item) => `<li><a href="${item.url}">${escape(item.data.title)}</a></li>`);
  const languages = Object.entries(words).map(
    ([code, own]) => `<li><a href="${home(code)}" lang="${code}" hreflang="${code}" dir="${own.direction}">${own.own_name}</a></li>`,
  );
  return `<footer class="foot">
<div class="columns">
<section>
<h2>${name}</h2>
<p>${ui.contact} <a href="mailto:contact@bench.example"><bdi dir="ltr">contact@bench.example</bdi></a></p>
<p>${notice} <a rel="license noopener noreferrer" href="https://licence.example/by/4.0/"><bdi>CC BY 4.0</bdi></a></p>
</section>
<nav aria-label="${ui.about}">
<h2>${ui.about}</h2>
<ul>
${menu.join("\n")}
</ul>
</nav>
<section>
<h2>${ui.follow}</h2>
<ul>
<li><a href="${home(lang)}feeds/all.rss"><bdi dir="ltr">RSS</bdi></a></li>
<li><a href="${home(lang)}feeds/all.atom"><bdi dir="ltr">Atom</bdi></a></li>
</ul>
</section>
<nav aria-label="${ui.languages}">
<h2>${ui.languages}</h2>
<ul>
${languages.join("\n")}
</ul>
</nav>
</div>
</footer>`;
};

const policy = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">`;

const shorten = (text) => (text.length > 220 ? text.slice(0, text.lastIndexOf(" ", 219)) + "…" : text);

// A whole page. `languages` maps languages to this page's addresses.
export function frame({ lang, section, title, description, url, languages, article }, main) {
  const { ui, name, direction } = words[lang];
  const own = origin.slice(0, -1) + url;
  const others = Object.entries(languages);
  return `<!doctype html>
<html lang="${lang}" dir="${direction}">
<head>
${policy}
<title>${escape(title)} – ${name}</title>
${description ? `<meta name="description" content="${escape(shorten(description))}">` : ""}
<link rel="stylesheet" href="/s/site.css">
<link rel="canonical" href="${own}">
${others.map(([code, address]) => `<link rel="alternate" hreflang="${code}" href="${address}">`).join("\n")}
<link rel="alternate" type="application/rss+xml" title="RSS" href="${home(lang)}feeds/all.rss">
<link rel="alternate" type="application/atom+xml" title="Atom" href="${home(lang)}feeds/all.atom">
<meta property="og:title" content="${escape(title)}">
<meta property="og:type" content="${article ? "article" : "website"}">
<meta property="og:url" content="${own}">
<meta property="og:site_name" content="${name}">
<meta property="og:locale" content="${lang}">
</head>
<body>
<a class="skip" href="#main">${ui.skip}</a>
<nav class="tongues" aria-label="${ui.languages}">
<ul>
${others
  .map(([code, address]) =>
    code === lang
      ? `<li><span lang="${code}" dir="${direction}" aria-current="true">${words[code].own_name}</span></li>`
      : `<li><a href="${address}" lang="${code}" hreflang="${code}" dir="${words[code].direction}">${words[code].own_name}</a></li>`,
  )
  .join("\n")}
</ul>
</nav>
${once(`masthead ${lang} ${section}`, () => masthead(lang, section))}
<main id="main">
${main}
</main>
${once(`footer ${lang}`, () => footer(lang))}
</body>
</html>
`;
}

// The same address in every language: for pages that are no documents.
export function everywhere(tail) {
  return Object.fromEntries(Object.keys(words).map((lang) => [lang, home(lang) + tail]));
}

function addressee(data) {
  if (!data.addressee) return "";
  const { ui, addressees } = words[data.lang];
  const found = addressees[data.addressee];
  if (!data.open) return `<section>\n<h2>${ui.addressees}</h2>\n<ul>\n<li>${found.office}</li>\n</ul>\n</section>\n`;
  return `<section>
<h2>${ui.addressees}</h2>
<p class="note">${ui.before}</p>
<div class="addressee">
<h3>${found.office}</h3>
<address>${found.address.map((line) => `<bdi>${line}</bdi><br>`).join("")}</address>
<dl class="channels">
<dt>${ui.email}</dt>
<dd><a href="mailto:${found.email}"><bdi dir="ltr">${found.email}</bdi></a></dd>
<dt>${ui.salutation}</dt>
<dd><q>${found.salutation}</q></dd>
</dl>
<p class="kind">${ui.checked} ${found.verified}</p>
</div>
</section>
`;
}

export function body(data, content) {
  const { ui } = words[data.lang];
  return `${data.changed ? `<div class="changed">\n<h2>${ui["what-is-new"]}</h2>\n<p>${escape(data.changed)}</p>\n</div>` : ""}
<div class="prose">
${content}
</div>
${data.person ? `<section>\n<h2>${ui.persons}</h2>\n<ul>\n<li><bdi>${escape(data.person)}</bdi>, ${escape(data.role)}</li>\n</ul>\n</section>` : ""}
${data.actions ? `<section>\n<h2>${ui.actions}</h2>\n<ol class="actions">\n${data.actions.map((action) => `<li>${escape(action)}</li>`).join("\n")}\n</ol>\n</section>` : ""}
${addressee(data)}${data.dateline ? `<p class="dateline">${escape(data.dateline)}</p>` : ""}`;
}

export function printed(item) {
  const { data, url } = item;
  const { ui, name, strapline, notice, direction, violation_names } = words[data.lang];
  return `<!doctype html>
<html lang="${data.lang}" dir="${direction}">
<head>
${policy}
<meta name="robots" content="noindex">
<title>${ui.print}: ${escape(data.title)} – ${name}</title>
<link rel="stylesheet" href="/s/site.css">
<link rel="canonical" href="${origin.slice(0, -1)}${url}">
</head>
<body class="paper">
<header class="masthead">
<div class="nameplate">
<p>${name}</p>
<p class="strapline">${strapline}</p>
</div>
<p class="provenance">${ui.published} <bdi dir="ltr">bench.example</bdi>. ${ui.original}: <bdi dir="ltr">${url}</bdi>${data.countries ? ` · ${stamp(data.date, data.lang)}` : ""}</p>
</header>
<main id="main">
<article class="text">
<header class="head">
<p class="kicker">${data.countries ? `${place(data)} · ` : ""}${kind(data)}${data.code ? ` · <bdi dir="ltr" class="code">${data.code}</bdi>` : ""}</p>
<h1>${escape(data.title)}</h1>
<p class="standfirst">${escape(data.summary)}</p>
</header>
${data.fictional ? `<p class="note">${ui.example}</p>` : ""}
${data.violations ? `<p class="kind">${data.violations.map((key) => violation_names[key]).join(" / ")}</p>` : ""}
${body(data, item.content)}
</article>
</main>
<footer class="foot">
<p>${notice} <bdi>CC BY 4.0</bdi> · <bdi dir="ltr">contact@bench.example</bdi></p>
<p class="back"><a href="${url}">${ui.back}</a></p>
</footer>
</body>
</html>
`;
}
