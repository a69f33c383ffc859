"""Making releases: from a built tree to signed editions over a store of files by digest (docs/adr/0031)."""
