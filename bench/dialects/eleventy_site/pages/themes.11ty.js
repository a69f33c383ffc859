import { everywhere, frame, gathered, home, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.themes", size: 1, alias: "list" },
  eleventyExcludeFromCollections: true,
  permalink: ({ list }) => `${home(list.lang)}${list.tail}index.html`,
};

export function render({ list }) {
  const { lang, key, tail } = list;
  const title = words[lang].theme_names[key];
  return frame(
    { lang, section: "themes", title, url: home(lang) + tail, languages: everywhere(tail) },
    `<header class="head">
<p class="kicker"><a href="${home(lang)}themes/">${words[lang].ui.themes}</a></p>
<h1>${title}</h1>
</header>
${gathered(list)}`,
  );
}
