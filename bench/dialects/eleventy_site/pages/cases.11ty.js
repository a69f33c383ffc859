import { escape, everywhere, frame, home, place, stamp, state, words } from "../site.mjs";

export const data = {
  pagination: { data: "collections.cases", size: 1, alias: "group" },
  eleventyExcludeFromCollections: true,
  permalink: ({ group }) => `${home(group.lang)}cases/${group.key}/index.html`,
};

export function render({ group }) {
  const { lang, key, items } = group;
  const { ui, country_names, violation_names } = words[lang];
  const [latest, first] = [items[0].data, items.at(-1).data];
  const steps = items.map(
    ({ data, url }) => `<li>
<p class="margin">${stamp(data.date, lang)}</p>
<div>
<h3><a href="${url}">${escape(data.title)}</a></h3>
<p class="kind">${ui[data.form]}${state(data)}</p>
<p>${escape(data.changed ?? data.summary)}</p>
</div>
</li>`,
  );
  return frame(
    { lang, section: "cases", title: first.title, url: `${home(lang)}cases/${key}/`, languages: everywhere(`cases/${key}/`) },
    `<header class="head">
<p class="kicker"><a href="${home(lang)}cases/">${ui.cases}</a> · ${place(first)}</p>
<h1>${escape(first.title)}</h1>
</header>
<div class="sheet">
<div class="text">
<h2>${ui.happened}</h2>
<ul class="rows steps">
${steps.join("\n")}
</ul>
</div>
<div class="aside">
<dl class="facts">
<dt>${ui.code}</dt>
${items.map(({ data }) => `<dd><bdi dir="ltr" class="code">${data.code}</bdi></dd>`).join("\n")}
<dt>${ui.status}</dt>
<dd><strong>${ui[latest.status]}</strong></dd>
<dt>${ui.country}</dt>
${first.countries.map((code) => `<dd><a href="${home(lang)}countries/${code}/">${country_names[code]}</a></dd>`).join("\n")}
<dt>${ui.violations}</dt>
${first.violations.map((name) => `<dd>${violation_names[name]}</dd>`).join("\n")}
</dl>
</div>
</div>`,
  );
}
