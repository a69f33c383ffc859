"""The bench: Tocsin and its peers build the same corpus; see README.md."""
