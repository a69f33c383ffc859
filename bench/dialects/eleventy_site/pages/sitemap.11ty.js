import { everywhere, home, origin, words } from "../site.mjs";

export const data = { eleventyExcludeFromCollections: true, permalink: "/sitemap.xml" };

const fronts = ["", "appeals/", "reports/", "statements/", "countries/", "themes/", "cases/", "network/"];

function url(address, languages, day) {
  const links = Object.entries(languages).map(
    ([code, other]) => `<xhtml:link rel="alternate" hreflang="${code}" href="${origin.slice(0, -1)}${other}"/>\n`,
  );
  const changed = day ? `<lastmod>${day.toISOString().slice(0, 10)}</lastmod>\n` : "";
  return `<url>\n<loc>${origin.slice(0, -1)}${address}</loc>\n${changed}${links.join("")}</url>\n`;
}

export function render({ collections }) {
  const own = fronts.flatMap((tail) => Object.keys(words).map((lang) => url(home(lang) + tail, everywhere(tail))));
  const items = collections.documents.map((item) =>
    url(item.url, item.data.languages, item.data.countries ? item.data.date : null),
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${own.join("")}${items.join("")}</urlset>
`;
}
