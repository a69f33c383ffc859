import { escape, home, origin, place, words } from "../site.mjs";

export const data = {
  pagination: { data: "feeds", size: 1, alias: "feed" },
  eleventyExcludeFromCollections: true,
  feeds: Object.keys(words).flatMap((lang) => ["rss", "atom"].map((form) => ({ lang, form }))),
  permalink: ({ feed }) => `${home(feed.lang)}feeds/all.${feed.form}`,
};

const full = (item) => escape(item.content.replaceAll('href="/', `href="${origin}`));
const identity = ({ data }) => `tag:bench.example,2026-01-01:${data.kind}/${data.id}/${data.lang}`;
const address = (item) => origin.slice(0, -1) + item.url;

function rss(lang, items) {
  const { name, strapline, issuer_names, theme_names } = words[lang];
  const entries = items.map(
    (item) => `<item>
<title>${place(item.data)}: ${escape(item.data.title)}</title>
<link>${address(item)}</link>
<guid isPermaLink="false">${identity(item)}</guid>
<pubDate>${item.data.date.toUTCString()}</pubDate>
<dc:creator>${issuer_names[item.data.issuer]}</dc:creator>
<dc:language>${lang}</dc:language>
${item.data.themes.map((key) => `<category>${theme_names[key]}</category>`).join("")}
<description>${escape(item.data.summary)}</description>
<content:encoded>${full(item)}</content:encoded>
</item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${name}</title>
<link>${origin.slice(0, -1)}${home(lang)}</link>
<description>${strapline}</description>
<language>${lang}</language>
<generator>Eleventy</generator>
<atom:link href="${origin.slice(0, -1)}${home(lang)}feeds/all.rss" rel="self" type="application/rss+xml"/>
${entries.join("\n")}
</channel>
</rss>
`;
}

function atom(lang, items) {
  const { name, strapline, issuer_names, theme_names } = words[lang];
  const entries = items.map(
    (item) => `<entry xml:lang="${lang}">
<id>${identity(item)}</id>
<title>${place(item.data)}: ${escape(item.data.title)}</title>
<link rel="alternate" type="text/html" hreflang="${lang}" href="${address(item)}"/>
<published>${item.data.date.toISOString()}</published>
<updated>${item.data.date.toISOString()}</updated>
<author><name>${issuer_names[item.data.issuer]}</name></author>
${item.data.themes.map((key) => `<category term="${key}" label="${theme_names[key]}"/>`).join("")}
<summary>${escape(item.data.summary)}</summary>
<content type="html">${full(item)}</content>
</entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${lang}">
<id>tag:bench.example,2026-01-01:feed/all/${lang}</id>
<title>${name}</title>
<subtitle>${strapline}</subtitle>
<updated>${items[0].data.date.toISOString()}</updated>
<link rel="self" type="application/atom+xml" href="${origin.slice(0, -1)}${home(lang)}feeds/all.atom"/>
<link rel="alternate" href="${origin.slice(0, -1)}${home(lang)}"/>
${entries.join("\n")}
</feed>
`;
}

export function render({ feed, collections }) {
  const { newest } = collections.languages.find((own) => own.lang === feed.lang);
  return (feed.form === "rss" ? rss : atom)(feed.lang, newest);
}
