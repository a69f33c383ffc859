import { caseRow, everywhere, frame, home, openCases, pager, words } from "../site.mjs";

// The cases that are open, and on the first page those that ended last.
export const data = {
  pagination: { data: "collections.open", size: 1, alias: "list" },
  eleventyExcludeFromCollections: true,
  permalink: ({ list }) => `${home(list.lang)}${list.tail}index.html`,
};

export function render({ list }) {
  const { lang, tail, items, ended } = list;
  const title = words[lang].ui.cases;
  const over = ended ? `<section class="band">\n<ul class="rows">\n${ended.map(caseRow).join("")}</ul>\n</section>` : "";
  return frame(
    { lang, section: "cases", title, url: home(lang) + tail, languages: everywhere(tail) },
    `<header class="head">\n<h1>${title}</h1>\n</header>\n${openCases(items, lang)}${pager(list)}\n${over}`,
  );
}
