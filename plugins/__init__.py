"""The Pelican plugins: the only code that imports Pelican. They are thin; `tocsin` does the work.

Pelican is given one plugin module, `plugins.site`, by `pelicanconf.py`, as an imported module and never by
name: a name that cannot be imported is only logged by Pelican, an import that fails stops the build.
"""
