import { everywhere, frame, home, words } from "../site.mjs";

// The indexes of countries and of themes.
export const data = {
  pagination: { data: "indexes", size: 1, alias: "index" },
  eleventyExcludeFromCollections: true,
  indexes: Object.keys(words).flatMap((lang) => ["countries", "themes"].map((name) => ({ lang, name }))),
  permalink: ({ index }) => `${home(index.lang)}${index.name}/index.html`,
};

export function render({ index, collections }) {
  const { lang, name } = index;
  const found = collections.languages.find((entry) => entry.lang === lang)[name];
  const names = words[lang][name === "countries" ? "country_names" : "theme_names"];
  const entries = found.map(({ key, items }) => {
    const open = items.filter((item) => item.data.open).length;
    const note = open ? ` <strong class="open">${open}</strong>` : "";
    return `<li><a href="${home(lang)}${name}/${key}/">${names[key]}</a> <span class="kind">${items.length}${note}</span></li>`;
  });
  const title = words[lang].ui[name];
  return frame(
    { lang, section: name, title, url: `${home(lang)}${name}/`, languages: everywhere(`${name}/`) },
    `<header class="head">\n<h1>${title}</h1>\n</header>\n<ul class="columns index">\n${entries.join("\n")}\n</ul>`,
  );
}
