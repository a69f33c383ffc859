import { brief, caseRow, everywhere, frame, home, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.languages", size: 1, alias: "own" },
  eleventyExcludeFromCollections: true,
  permalink: ({ own }) => `${home(own.lang)}index.html`,
};

export function render({ own }) {
  const { lang } = own;
  const { ui, strapline } = words[lang];
  return frame(
    { lang, section: "home", title: strapline, url: home(lang), languages: everywhere("") },
    `<section class="intro"><p>${strapline}</p></section>
<section class="newest">
<h2>${ui.newest}</h2>
<ul class="brief">
${own.newest.slice(0, 10).map(brief).join("")}</ul>
</section>
<section class="band">
<h2>${ui["open-cases"]}</h2>
<ul class="rows">
${own.open.slice(0, 6).map(caseRow).join("")}</ul>
</section>`,
  );
}
