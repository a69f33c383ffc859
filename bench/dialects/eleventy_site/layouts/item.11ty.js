import { body, escape, frame, home, kind, place, stamp, words } from "../site.mjs";

function chained(data, url) {
  const { chain } = data;
  if (!chain || chain.length < 2) return "";
  const { ui } = words[data.lang];
  const entries = chain.map((item) => {
    const title = item.url === url
      ? `<span aria-current="page">${escape(item.data.title)}</span>`
      : `<a href="${item.url}">${escape(item.data.title)}</a>`;
    return `<li>${title} <span class="kind">${stamp(item.data.date, data.lang)} · ${ui[item.data.form]}</span></li>`;
  });
  return `<section>
<h2>${ui.also}</h2>
<ol class="chain">
${entries.join("\n")}
</ol>
<p class="more"><a href="${home(data.lang)}cases/${data.case}/">${ui.whole}</a></p>
</section>`;
}

function facts(data, url) {
  const { ui, country_names, theme_names, violation_names, issuer_names } = words[data.lang];
  const base = home(data.lang);
  let text = "";
  if (data.code) {
    text += `<dt>${ui.code}</dt>\n<dd><bdi dir="ltr" class="code">${data.code}</bdi></dd>\n`;
    text += `<dt>${ui.status}</dt>\n<dd><strong>${ui[data.chain.at(-1).data.status]}</strong></dd>\n`;
  }
  if (data.countries) {
    text += `<dt>${ui.date}</dt>\n<dd>${stamp(data.date, data.lang)}</dd>\n<dt>${ui.country}</dt>\n`;
    text += data.countries.map((code) => `<dd><a href="${base}countries/${code}/">${country_names[code]}</a></dd>\n`).join("");
    if (data.violations) {
      text += `<dt>${ui.violations}</dt>\n` + data.violations.map((key) => `<dd>${violation_names[key]}</dd>\n`).join("");
    }
    text += `<dt>${ui["issued-by"]}</dt>\n<dd>${issuer_names[data.issuer]}</dd>\n<dt>${ui.themes}</dt>\n`;
    text += data.themes.map((key) => `<dd><a href="${base}themes/${key}/">${theme_names[key]}</a></dd>\n`).join("");
  }
  if (data.translator) text += `<dt>${ui.translation}</dt>\n<dd>${data.translator}</dd>\n<dd>${ui.state}</dd>\n`;
  return text + `<dt>${ui.paper}</dt>\n<dd><a href="${url}print/">${ui.print}</a></dd>`;
}

export default class {
  render(data) {
    const { lang, section, title, summary, page } = data;
    const { ui } = words[lang];
    const latest = data.chain?.at(-1);
    const later = latest && latest.url !== page.url
      ? `<p class="note">${ui.later} <a href="${latest.url}">${escape(latest.data.title)}</a> (${stamp(latest.data.date, lang)})</p>`
      : "";
    return frame(
      { lang, section, title, description: summary, url: page.url, languages: data.languages, article: true },
      `<nav class="crumbs" aria-label="${ui.here}">
<ol>
<li><a href="${home(lang)}">${ui.home}</a></li>
<li><a href="${home(lang)}${section}/">${ui[section]}</a></li>
</ol>
</nav>
<article>
<header class="head">
<p class="kicker">${data.countries ? `${place(data)} · ` : ""}${kind(data)}</p>
<h1>${escape(title)}</h1>
<p class="standfirst">${escape(summary)}</p>
</header>
<div class="sheet">
<div class="text">
${data.fictional ? `<p class="note">${ui.example}</p>` : ""}
${later}
${body(data, data.content)}
${chained(data, page.url)}
</div>
<div class="aside">
<dl class="facts">
${facts(data, page.url)}
</dl>
</div>
</div>
</article>`,
    );
  }
}
