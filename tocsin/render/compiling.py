"""How templates become code: once for all languages, and nothing done at run time that need not be.

Jinja's own code generator must serve every environment. Here escaping is always on, functions get the context
only where they are registered so, and templates do not change while a site is made. So a page is put together
from plain text: a value is escaped without becoming an object that remembers that it is (ADR 0018).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from types import CodeType
from typing import Any, cast

from jinja2 import BytecodeCache, Environment, Template, TemplateNotFound, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.runtime import Context, Macro
from jinja2.utils import _PassArg, missing

# The part of `markupsafe.escape` that escapes; the rest of it makes a `Markup` of the result.
from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]

from tocsin.ledger.store import Store, digest
from tocsin.render.setting_in import set_in
from tocsin.render.words import written

# Names that the generated code itself gives a meaning, or that need the context to be called.
_CALLED_WITH_CONTEXT = frozenset({"super", "caller", "self", "gettext", "ngettext", "_"})
_SPECIAL = frozenset({"loop", "super", "self", "caller", "varargs", "kwargs"})
_NAMING = (nodes.Macro, nodes.Import, nodes.FromImport)


class _LeanMacro(Macro):
    """A macro that is called at once with what it takes, where that is all there."""

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        if kwargs or len(args) != self._argument_count or self._is_special:
            return super().__call__(*args, **kwargs)
        return _marked(Markup, self._func(*args))

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._is_special = (
            self.catch_kwargs or self.catch_varargs or self.caller or not self._default_autoescape
        )


_marked = str.__new__


class _Values(dict[str, Any]):
    """The values of a page: `missing` for a name that is not among them."""

    def __missing__(self, name: str) -> Any:
        return missing


class _LeanContext(Context):
    """The values that a template sees; made with less ado, since all templates have the same globals."""

    def __init__(
        self,
        environment: Environment,
        parent: dict[str, Any],
        name: str | None,
        blocks: dict[str, Callable[[Context], Iterator[str]]],
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> None:
        super().__init__(environment, parent, name, blocks)

    def __getitem__(self, key: str) -> Any:
        """In one step what no template sets, such as the site."""
        if key in self.vars or key not in self.parent:
            return super().__getitem__(key)
        return self.parent[key]

    def finder(self) -> Callable[[str], Any]:
        """Looks a name up. A function that asks for names has the names that it sets itself in variables."""
        if self.vars or self.parent.__class__ is not _Values:
            return self.resolve_or_missing
        return self.parent.__getitem__


class _LeanTemplate(Template):
    def new_context(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> Context:
        if shared or locals:
            return super().new_context(vars, shared, locals)
        values = _Values(self.globals)
        values.update(vars or {})
        return _LeanContext(self.environment, values, self.name, self.blocks)


class _LeanCode(CodeGenerator):
    """Code that writes plain text and calls functions directly. The names are the base class's own."""

    # Names that a whole template asks for and never sets: they are looked up once, not in each scope.
    _given: frozenset[str] = frozenset()
    _is_whole = False

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        found = list(node.find_all((nodes.Name, nodes.Extends, nodes.Block, *_NAMING)))
        self._is_whole = not any(isinstance(one, (nodes.Extends, nodes.Block)) for one in found)
        if self._is_whole:
            asked = {one.name for one in found if isinstance(one, nodes.Name) and one.ctx == "load"}
            self._given = frozenset(asked.difference(_SPECIAL, *(_names_set_by(one) for one in found)))
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("written, escaped = environment.written, environment.escaped")
        self.writeline("Macro = environment.macro")
        self.writeline("resolve = context.finder()")

    def enter_frame(self, frame: Frame) -> None:
        if frame.rootlevel:
            for name in sorted(self._given):
                frame.symbols.load(name)
        super().enter_frame(frame)

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """What a whole template gives is gathered in a list: a step of a generator costs more."""
        if not frame.rootlevel or not self._is_whole:
            super().blockvisit(body, frame)
            return
        self.buffer(frame)
        super().blockvisit(body, frame)
        self.writeline(f"yield concat({frame.buffer})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("(put if (put := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_post(node, frame, finalize)
        else:  # most values are HTML already, and most others plain text
            self.write(").__class__ is Markup else escaped(put) if put.__class__ is str else written(put))")

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """An attribute, or what Jinja finds where there is none. Builds do this millions of times."""
        self.write("(got if (got := getattr((asked := ")
        self.visit(node.node, frame)
        self.write(
            f"), {node.attr!r}, missing)) is not missing else environment.getattr(asked, {node.attr!r}))"
        )

    @optimizeconst
    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """An element; of the words of the language without asking what they are."""
        if not isinstance(node.node, nodes.EnvironmentAttribute):
            super().visit_Getitem(node, frame)
            return
        self.visit(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if forward_caller or node.dyn_args or node.dyn_kwargs or self._needs_context(node.node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(context, " if self._is_given_context(node.node) else "(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for keyword in node.kwargs:
            self.write(f"{keyword.key}=")
            self.visit(keyword.value, frame)
            self.write(", ")
        self.write(")")

    def _needs_context(self, called: nodes.Expr) -> bool:
        """True where what is called may ask for the context. Methods of the values of a page never do."""
        if isinstance(called, (nodes.Getattr, nodes.EnvironmentAttribute)):
            return False
        if not isinstance(called, nodes.Name) or called.name in _CALLED_WITH_CONTEXT:
            return True
        return self._passed_to(called) not in {None, _PassArg.context}

    def _is_given_context(self, called: nodes.Expr) -> bool:
        """True for a global function that wants the context, which no value of a page has the name of."""
        return isinstance(called, nodes.Name) and self._passed_to(called) is _PassArg.context

    def _passed_to(self, called: nodes.Name) -> _PassArg | None:
        function: Any = self.environment.globals.get(called.name)
        return _PassArg.from_obj(function)


def _names_set_by(node: nodes.Node) -> set[str]:
    """The names that an assignment, a loop, a macro or an import gives a meaning."""
    if isinstance(node, nodes.Name):
        return set() if node.ctx == "load" else {node.name}
    if isinstance(node, nodes.Macro):
        return {node.name}
    if isinstance(node, nodes.Import):
        return {node.target}
    if isinstance(node, nodes.FromImport):
        return {name if isinstance(name, str) else name[1] for name in node.names}
    return set()


class SiteEnvironment(Environment):
    """The environment of one language, with the settings of another (Pelican's).

    Its globals are complete before the first template is loaded, and a template is loaded once. With
    `are_templates_set_in` a page is put together in one function instead of twenty; what errors then name
    may be lines of another template.
    """

    code_generator_class = _LeanCode
    context_class = _LeanContext
    template_class = _LeanTemplate
    written = staticmethod(written)
    escaped = staticmethod(_escape_inner)
    macro = _LeanMacro
    are_templates_set_in = True
    # Templates into which what they extend is set; None for all.
    many: frozenset[str] | None = None
    # The words of the language, and a function that says those with values in them (see `WordsLookedUp`).
    words: Mapping[str, Markup]
    said: Callable[..., Markup]
    # Filters that give each language something else: what they make of constants is not compiled.
    own_filters: frozenset[str] = frozenset()

    @classmethod
    def like(cls, base: Environment, **own: Any) -> SiteEnvironment:
        """An environment with the settings, extensions, filters, tests and globals of `base`."""
        made = cls(
            autoescape=base.autoescape,
            auto_reload=False,
            extensions=list(base.extensions),
            lstrip_blocks=base.lstrip_blocks,
            trim_blocks=base.trim_blocks,
            undefined=base.undefined,
            **own,
        )
        made.filters = dict(base.filters)
        made.tests = dict(base.tests)
        made.globals = dict(base.globals)
        return made

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loaded: dict[str, Template] = {}
        self._sources: dict[str, tuple[str, str | None] | None] = {}
        # The templates that were asked for to be set into the one that was compiled last.
        self.asked: set[str] = set()

    def tree(self, name: str) -> nodes.Template:
        """A template as it was parsed, to be set into another; raises `TemplateNotFound`."""
        self.asked.add(name)
        found = self._source(name)
        if found is None:
            raise TemplateNotFound(name)
        return self._parse(found[0], name, found[1])

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """What the texts of templates are now; nothing for one that is missing."""
        found = {name: self._source(name) for name in sorted(names)}
        return {name: digest(source[0]).hex() if source else "" for name, source in found.items()}

    def _source(self, name: str) -> tuple[str, str | None] | None:
        """The text of a template and its path, None where there is none; read once."""
        if name not in self._sources:
            self._sources[name] = None
            if self.loader is not None:
                with contextlib.suppress(TemplateNotFound):
                    self._sources[name] = self.loader.get_source(self, name)[:2]
        return self._sources[name]

    def _generate(self, source: nodes.Template, name: str | None, *args: Any, **kwargs: Any) -> str:
        self.asked.clear()
        if self.are_templates_set_in:
            is_worth_it = self.many is None or name in self.many
            source = set_in(source, name, self.tree, with_parents=is_worth_it)
        filters = self.filters
        # Those that are given the context are never asked of constants.
        own = (name for name in self.own_filters if _PassArg.from_obj(filters[name]) is None)
        self.filters = filters | dict.fromkeys(own, _not_yet)
        try:
            return super()._generate(source, name, *args, **kwargs)
        finally:
            self.filters = filters

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One mapping for all templates; the base class looks a name up in two, on every page."""
        return {**self.globals, **d} if d else self.globals

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002
        """A template by its name, which is the same for whoever asks."""
        found = self._loaded.get(name)
        if found is None:
            found = self._loaded[name] = super().get_template(name, parent, globals)
        return found


def _not_yet(*_: object, **__: object) -> Any:
    """In the place of a filter of one language, while what all languages share is compiled."""
    raise nodes.Impossible


class StoredBytecode(BytecodeCache):
    """The compiled templates of all languages in a store.

    `version` changes with what the code and the settings make of constants. Of each template the last is
    kept, with the digests of those that are set into it.
    """

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self._version = version
        self._loaded: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._loaded:
            bucket.code = self._loaded[bucket.key]
            return
        version, kept = self._store.get(f"template:{bucket.key}") or ("", ({}, b""))
        if version == self._version:
            digests, code = kept
            if digests == _environment(bucket).digests(digests):
                bucket.bytecode_from_string(code)
                if bucket.code is not None:
                    self._loaded[bucket.key] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        environment = _environment(bucket)
        kept = environment.digests(environment.asked), bucket.bytecode_to_string()
        self._store.put([(f"template:{bucket.key}", (self._version, kept))])
        if bucket.code is not None:
            self._loaded[bucket.key] = bucket.code


def _environment(bucket: Bucket) -> SiteEnvironment:
    return cast(SiteEnvironment, bucket.environment)
