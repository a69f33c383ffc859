import { everywhere, frame, home, pager, row, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.lists", size: 1, alias: "list" },
  eleventyExcludeFromCollections: true,
  permalink: ({ list }) => `${home(list.lang)}${list.tail}index.html`,
};

export function render({ list }) {
  const { lang, key, number, items, years, tail } = list;
  const { ui } = words[lang];
  const index = years
    ? `<nav class="years">
<h2>${ui["by-year"]}</h2>
<ul>
${years.map((year) => `<li><a href="${home(lang)}${key}/${year}/">${year}</a></li>`).join("\n")}
</ul>
</nav>`
    : "";
  const title = number > 1 ? `${ui.page} ${number} – ${ui[key]}` : ui[key];
  return frame(
    { lang, section: key, title, url: home(lang) + tail, languages: everywhere(tail) },
    `<header class="head">
<h1>${ui[key]}</h1>
</header>
<ul class="rows">
${items.map(row).join("")}</ul>
${pager(list)}
${index}`,
  );
}
