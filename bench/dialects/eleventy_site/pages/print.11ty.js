import { printed } from "../site.mjs";

export const data = {
  pagination: { data: "collections.documents", size: 1, alias: "document" },
  eleventyExcludeFromCollections: true,
  permalink: ({ document }) => `${document.url}print/index.html`,
};

export const render = ({ document }) => printed(document);
