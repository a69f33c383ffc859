// Eleventy as one would set it up for speed: templates in JavaScript, Markdown without a second template
// engine over it, groups made once, words of the interface imported instead of merged into every page's data.
import { createRequire } from "node:module";
import { groups, forget, markdown } from "./site.mjs";

const require = createRequire(import.meta.url);

export default function (config) {
  config.setQuietMode(true);
  config.setLibrary("md", markdown(require("markdown-it"), require("markdown-it-footnote")));
  config.addPassthroughCopy({ "static/s": "s" });
  config.on("eleventy.before", forget);
  config.on("eleventy.contentMap", ({ inputPathToUrl }) => markdown.targets(inputPathToUrl));
  for (const name of ["documents", "lists", "years", "countries", "themes", "cases", "open", "languages"]) {
    config.addCollection(name, (api) => groups(api)[name]);
  }
  return {
    dir: { input: ".", includes: "layouts", output: "public" },
    templateFormats: ["md", "11ty.js"],
    markdownTemplateEngine: false,
  };
}
