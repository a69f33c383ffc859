"""Templates set into one another when they are compiled, so that a page is put together in one function.

A template that extends another becomes that one with its own blocks in their places, and what is included
stands where it is included. What only Jinja can tell while a page is set, such as a parent named by a value,
is left to it (ADR 0018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from jinja2 import TemplateNotFound, nodes
from jinja2.visitor import NodeTransformer

# The folder of templates that others include. They are set into those when these are compiled.
INCLUDES = "includes/"
# Gives a template as it was parsed, which belongs to the caller; raises `TemplateNotFound`.
Trees = Callable[[str], nodes.Template]
_Body = list[nodes.Node]
_STORES = (nodes.Assign, nodes.AssignBlock, nodes.FromImport, nodes.Import, nodes.Macro)
_IMPORTS = (nodes.FromImport, nodes.Import)
_SUPER = nodes.Call(nodes.Name("super", "load"), [], [], None, None)


def set_in(
    tree: nodes.Template, name: str | None, trees: Trees, *, with_parents: bool = True
) -> nodes.Template:
    """The template `name`, parsed as `tree`, with what it includes and extends; takes `tree` apart."""
    whole = _with_parents(tree, name, trees) if with_parents else tree
    _IncludesSetIn(trees).visit(whole)
    return whole


class _LeftToJinjaError(Exception):
    """This template can mean something else than its parts in each other's places."""


def _with_parents(tree: nodes.Template, name: str | None, trees: Trees) -> nodes.Template:
    """The template that `tree` extends in the end, with the blocks of its descendants and their imports."""
    if tree.find(nodes.Extends) is None:
        return tree
    try:
        family = list(_family(tree, name, trees))
        imports = [node for member in family[:-1] for node in member.body if isinstance(node, _IMPORTS)]
        body = _Blocks(family).body(family[-1].body)
    except (_LeftToJinjaError, TemplateNotFound):
        return tree
    return nodes.Template([*imports, *body], lineno=1)


def _family(tree: nodes.Template, name: str | None, trees: Trees) -> Iterator[nodes.Template]:
    """The template, its parent, and so on to the one that extends none."""
    names: set[str | None] = {name}
    while (extends := tree.find(nodes.Extends)) is not None:
        parent = extends.template.value if isinstance(extends.template, nodes.Const) else None
        if not isinstance(parent, str) or parent in names or not _only_fills(tree, extends):
            raise _LeftToJinjaError
        yield tree
        names.add(parent)
        tree = trees(parent)
    yield tree


def _only_fills(tree: nodes.Template, extends: nodes.Extends) -> bool:
    """True for a template that fills blocks, and does nothing else but import."""
    if extends not in tree.body:
        return False
    place = tree.body.index(extends)
    # Jinja drops text beside the blocks.
    return all(isinstance(node, _IMPORTS) for node in tree.body[:place]) and all(
        isinstance(node, (nodes.Block, nodes.Output, *_IMPORTS)) for node in tree.body[place + 1 :]
    )


class _Blocks:
    """The blocks of a family of templates, of each name the youngest first.

    A block of Jinja's sees the values of the page and what was imported, but no name that is set around it.
    So where a name is set beside a block, and where a block stands in a loop, all is left to Jinja.
    """

    def __init__(self, family: Sequence[nodes.Template]) -> None:
        self._versions: dict[str, list[nodes.Block]] = {}
        self._inside: list[tuple[str, int]] = []
        self._with_places: dict[int, bool] = {}
        for member in family:
            blocks = list(member.find_all(nodes.Block))
            if len({block.name for block in blocks}) < len(blocks) or _asks_for("self", member):
                raise _LeftToJinjaError
            for block in blocks:
                self._versions.setdefault(block.name, []).append(block)
                if block.scoped or block.required:
                    raise _LeftToJinjaError

    def body(self, around: _Body) -> _Body:
        """What `around` holds, with blocks in their places, and in the place of each `super()`."""
        if not any(self._has_places(node) for node in around):
            return around
        if any(_sets_names(node) for node in around):
            raise _LeftToJinjaError
        return [made for node in around for made in self._in_place_of(node)]

    def _in_place_of(self, node: nodes.Node) -> Iterator[nodes.Node]:
        if isinstance(node, nodes.Block):
            yield self._scope(node.name, 0)
        elif not self._has_places(node):
            yield node
        elif isinstance(node, nodes.If) and not _asks_for("super", node.test):
            elifs = [made for elif_ in node.elif_ for made in self._in_place_of(elif_)]
            yield nodes.If(node.test, self.body(node.body), elifs, self.body(node.else_), lineno=node.lineno)
        elif isinstance(node, nodes.Output) and self._inside:
            yield from self._around_super(node)
        else:
            raise _LeftToJinjaError

    def _around_super(self, output: nodes.Output) -> Iterator[nodes.Node]:
        """The pieces of an output, with the parent's block in the place of `{{ super() }}`."""
        name, version = self._inside[-1]
        for piece in output.nodes:
            if not _asks_for("super", piece):
                yield nodes.Output([piece], lineno=output.lineno)
            elif piece == _SUPER:
                yield self._scope(name, version + 1)
            else:
                raise _LeftToJinjaError

    def _scope(self, name: str, version: int) -> nodes.Node:
        """A block in a scope of its own."""
        if version >= len(self._versions[name]) or (name, version) in self._inside:
            raise _LeftToJinjaError
        block = self._versions[name][version]
        self._inside.append((name, version))
        made = nodes.Scope(self.body(block.body), lineno=block.lineno)
        self._inside.pop()
        return made

    def _has_places(self, node: nodes.Node) -> bool:
        """True where a block or `super()` stands in it; every node is looked at once."""
        found = self._with_places.get(id(node))
        if found is None:
            found = isinstance(node, nodes.Block) or (isinstance(node, nodes.Name) and node.name == "super")
            found = found or any(self._has_places(child) for child in node.iter_child_nodes())
            self._with_places[id(node)] = found
        return found


def _asks_for(name: str, node: nodes.Node) -> bool:
    if isinstance(node, nodes.Name):
        return node.name == name
    return any(found.name == name for found in node.find_all(nodes.Name))


def _sets_names(node: nodes.Node) -> bool:
    """True where a name is set in it, in blocks apart."""
    if isinstance(node, nodes.Block):
        return False
    return isinstance(node, _STORES) or any(_sets_names(child) for child in node.iter_child_nodes())


class _IncludesSetIn(NodeTransformer):
    """Puts templates in the place of the `{% include %}` that names them, in a scope of their own.

    A template that is missing, or that has blocks, stays to be included at run time.
    """

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._inside: list[str] = []

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if (
            not isinstance(name, str)
            or not name.startswith(INCLUDES)
            or name in self._inside
            or node.ignore_missing
            or not node.with_context
        ):
            return node
        try:
            tree = self._trees(name)
        except TemplateNotFound:
            return node
        if next(tree.find_all((nodes.Extends, nodes.Block)), None) is not None:
            return node
        self._inside.append(name)
        self.generic_visit(tree)
        self._inside.pop()
        return nodes.Scope(tree.body, lineno=node.lineno)
