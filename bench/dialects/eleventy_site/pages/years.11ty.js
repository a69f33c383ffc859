import { everywhere, frame, home, row, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.years", size: 1, alias: "group" },
  eleventyExcludeFromCollections: true,
  permalink: ({ group }) => `${home(group.lang)}${group.key}/index.html`,
};

export function render({ group }) {
  const { lang, key, items } = group;
  const [section, year] = key.split("/");
  const title = `${words[lang].ui[section]} ${year}`;
  return frame(
    { lang, section, title, url: `${home(lang)}${key}/`, languages: everywhere(`${key}/`) },
    `<header class="head">
<h1>${title}</h1>
</header>
<ul class="rows">
${items.map(row).join("")}</ul>`,
  );
}
