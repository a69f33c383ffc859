// Search in the reader's browser, the only script of this site and of its search page alone. What is typed is
// kept nowhere: not in the address, not in the history, not in any store. Pagefind reads the index; what it
// finds is shown here, as text and never as markup. Words and addresses come from the page.

const FIRST = 20;
const place = document.getElementById("search");
const said = place.dataset;
const root = new URL("../", import.meta.url);

let engine = null;
let isPartial = false;
let asked = 0;
let waiting = [];

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

const form = element("form", { role: "search" });
const input = element("input", {
  id: "query", type: "search", autocomplete: "off", spellcheck: "false", enterkeyhint: "search", maxlength: "200", dir: "auto",
});
const status = element("p", { role: "status", class: "kind" });
const list = element("ol", { class: "rows plain found" });
const more = element("button", { type: "button", hidden: "" }, said.more);
const row = element("div");
row.append(input, element("button", { type: "submit" }, said.button));
form.append(element("label", { for: "query" }, said.label), row);

function tell(text) {
  status.textContent = text;
}

// An index that cannot be loaded would stop every search, so the others are then loaded without it.
async function load(shards) {
  const { createInstance } = await import(new URL(`${said.engine}pagefind.js`, root));
  const made = createInstance({ noWorker: true, excerptLength: 30 });
  await made.search("-"); // fails where the program itself could not be loaded
  const loaded = await Promise.allSettled(shards.map((shard) => made.mergeIndex(new URL(shard, root).href)));
  const good = shards.filter((_, number) => loaded[number].status === "fulfilled");
  if (good.length === shards.length) return made;
  if (!good.length) throw new Error("no index");
  isPartial = true;
  return load(good);
}

// Of a case code only letters and digits count; Arabic and Persian digits are digits.
function termsOf(typed) {
  const text = typed.normalize("NFKC").replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 15);
  const compact = text.replace(/^\s*(?:case|caso?)\s+/i, "").replace(/[^0-9a-z]/gi, "");
  const isCode = /^[a-z]{3}(?:\d{7}obs\d{3,6}|\d{6,8}(?:cc|vaw|escr)?)$/i.test(compact);
  return isCode ? [compact, text] : [text];
}

async function find(typed) {
  const number = ++asked;
  list.replaceChildren();
  waiting = [];
  more.hidden = true;
  if (!typed.trim()) return tell("");
  tell(said.searching);
  try {
    engine = engine || load(said.shards.split(" "));
    const ready = await engine;
    let results = [];
    for (const term of termsOf(typed)) {
      if (!results.length) results = (await ready.search(term)).results;
    }
    if (number !== asked) return;
    waiting = results;
    const count = results.length ? `${said.found} ${results.length}` : said.none;
    await show(number);
    tell(isPartial ? `${count} ${said.partial}` : count);
  } catch {
    engine = null;
    if (number === asked) tell(said.failed);
  }
}

async function show(number) {
  const shown = await Promise.all(waiting.slice(0, FIRST).map((result) => result.data()));
  if (number !== asked) return null;
  waiting = waiting.slice(FIRST);
  more.hidden = !waiting.length;
  const items = shown.map(itemOf);
  list.append(...items);
  return items[0];
}

function itemOf(found) {
  const language = (found.meta.language || "").slice(1); // after a letter that keeps it from being found
  const own = language ? { lang: language, dir: "auto" } : {};
  const made = element("li");
  const title = element("p", { class: "title" });
  const link = element("a", { href: new URL(found.raw_url, root).href, ...(language ? { hreflang: language } : {}) });
  link.append(element("bdi", own, found.meta.title));
  title.append(link);
  const about = element("p", { class: "kind" }, found.meta.about || "");
  for (const code of (found.meta.codes || "").split(" · ").filter(Boolean)) {
    about.append(" · ", element("bdi", { dir: "ltr", class: "code" }, code));
  }
  made.append(title, about, excerptOf(found.excerpt, own));
  return made;
}

// Pagefind marks the words that were found as HTML, in which only `<` and `>` are escaped.
function excerptOf(excerpt, attributes) {
  const made = element("p", attributes);
  excerpt.split(/<\/?mark>/).forEach((part, number) => {
    const text = part.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    made.append(number % 2 ? element("mark", {}, text) : text);
  });
  return made;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  find(input.value);
});
more.addEventListener("click", async () => {
  const first = await show(asked);
  if (first) first.querySelector("a").focus();
});

// Without WebAssembly there is no search; then the page stays what it is without a script.
if (typeof WebAssembly === "object") {
  place.append(form, status, list, more);
}
