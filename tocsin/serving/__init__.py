"""How the built tree is served: one policy of headers, and the files that make servers keep it."""
