import { escape, everywhere, frame, home, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.languages", size: 1, alias: "own" },
  eleventyExcludeFromCollections: true,
  permalink: ({ own }) => `${home(own.lang)}network/index.html`,
};

export function render({ own }) {
  const { lang, network } = own;
  const title = words[lang].ui.network;
  const rows = network.map(
    (item) => `<li><h2><a href="${item.url}">${escape(item.data.title)}</a></h2><p class="summary">${escape(item.data.summary)}</p></li>`,
  );
  return frame(
    { lang, section: "network", title, url: `${home(lang)}network/`, languages: everywhere("network/") },
    `<header class="head">\n<h1>${title}</h1>\n</header>\n<ul class="rows">\n${rows.join("\n")}\n</ul>`,
  );
}
