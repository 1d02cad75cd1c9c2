"""Each rule of the house as a function from a source file to the places that break it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from tests.house.source import PACKAGES, Source, Violation, dotted, imported

LONGEST = 350

THIRD_PARTY = {
    "theory": {"sympy"},
    "numerics": {"sympy", "mpmath", "numpy", "scipy", "torch", "flint", "sklearn", "threadpoolctl", "clarabel", "PEPit"},
    "verify": {"sympy", "mpmath", "numpy", "scipy", "torch", "flint", "click", "rich", "pytest"},
    "reports": {"sympy", "numpy", "click", "rich", "jinja2", "latex2mathml", "matplotlib"},
}
"""What each package may import beside the standard library; reports are rebuilt without Torch."""


def imports_one_way(source: Source) -> Iterator[Violation]:
    """theory <- numerics <- verify <- reports, and in each only the third-party modules it is for."""
    allowed = PACKAGES[: PACKAGES.index(source.package) + 1]
    measured = {id(node) for part in source.walk(ast.FunctionDef) if part.name == "measure" for node in ast.walk(part)}
    for node in source.walk(ast.Import, ast.ImportFrom, ast.Call):
        for module in imported(node):
            top, *rest = module.split(".")
            if top == "lemmata":
                if rest and rest[0] in PACKAGES and rest[0] not in allowed:
                    yield Violation(source.path, node.lineno, f"{source.package} imports {module}, which comes after it")
            elif top == "torch" and source.package == "reports" and id(node) in measured:
                continue  # the data of a figure, measured once; drawing reads what was measured
            elif top not in sys.stdlib_module_names and top not in THIRD_PARTY[source.package]:
                yield Violation(source.path, node.lineno, f"{source.package} may not import {top}")


def installed_names(source: Source) -> Iterator[Violation]:
    """Modules are imported as `lemmata.theory...`: two copies of one module break isinstance."""
    for node in source.walk(ast.Import, ast.ImportFrom, ast.Call):
        for module in imported(node):
            if module.split(".")[0] in PACKAGES:
                yield Violation(source.path, node.lineno, f"import lemmata.{module}, the installed name, not {module}")


TOLERANCES = {"rtol", "atol", "rel_tol", "abs_tol", "rel_eps", "abs_eps"}
ROUGH = {"approx", "isclose", "allclose", "assert_allclose", "assert_almost_equal", "assertAlmostEqual", "almosteq", "assert_close"}
SMALL = 1e-3


def no_typed_tolerance(source: Source) -> Iterator[Violation]:
    """Comparisons use computed error bounds: no rtol, no approx, no small literal on a side of a comparison."""
    if source.path == "numerics/budget.py":
        return
    goals = {id(keyword) for call in source.walk(ast.Call) if dotted(call.func).endswith("acb.integral") for keyword in call.keywords}
    for node in source.walk(ast.Name, ast.Attribute, ast.keyword, ast.arg, ast.Compare):
        line = getattr(node, "lineno", 0)
        if id(node) in goals:  # how far Arb refines; what it returns is a ball with its own radius
            continue
        names = {getattr(node, slot, None) for slot in ("id", "attr", "arg")}
        for name in sorted(names & (TOLERANCES | ROUGH), key=str):
            yield Violation(source.path, line, f"a tolerance is computed, never typed: {name}")
        if isinstance(node, ast.Compare):
            for literal in ast.walk(node):
                if isinstance(literal, ast.Constant) and isinstance(literal.value, float) and 0 < abs(literal.value) < SMALL:
                    yield Violation(source.path, line, f"a comparison with the typed number {literal.value}")


SEEDED = {"Random", "Generator", "default_rng", "SeedSequence", "PCG64", "SFC64", "Philox", "BitGenerator"}
DRAWS = {"rand", "randn", "randint", "normal", "randperm", "bernoulli", "multinomial", "poisson", "rand_like", "randn_like", "randint_like"}
IN_PLACE = {"normal_", "uniform_", "bernoulli_", "cauchy_", "exponential_", "random_", "log_normal_", "geometric_"}


def no_unseeded_randomness(source: Source) -> Iterator[Violation]:
    """Every draw comes from a generator that was seeded by its address."""
    for node in source.walk(ast.Call):
        name = dotted(node.func)
        *owner, last = name.split(".")
        place, given = ".".join(owner), {keyword.arg for keyword in node.keywords}
        if None in given and '"generator":' in source.text:
            given.add("generator")  # handed over in **options
        if place in ("random", "np.random", "numpy.random"):
            if last not in SEEDED or not (node.args or node.keywords):
                yield Violation(source.path, node.lineno, f"{name} draws from an unseeded generator")
        elif (place == "torch" and last in DRAWS and "generator" not in given) or (last in IN_PLACE and owner and "generator" not in given):
            yield Violation(source.path, node.lineno, f"{name} without generator=")
        elif last == "rvs" and "random_state" not in given:
            yield Violation(source.path, node.lineno, f"{name} without random_state=")
        elif name in ("torch.manual_seed", "torch.seed", "os.urandom", "uuid.uuid4") or place == "secrets":
            yield Violation(source.path, node.lineno, f"{name} is global or unseeded randomness")


def documented(source: Source) -> Iterator[Violation]:
    """Every public module, class and module-level function says what it is."""
    if not ast.get_docstring(source.tree):
        yield Violation(source.path, 1, "the module has no docstring")
    for node in source.tree.body:
        public = isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith(("_", "pytest_"))
        if public and not ast.get_docstring(node):
            yield Violation(source.path, node.lineno, f"{node.name} has no docstring")


def short(source: Source) -> Iterator[Violation]:
    """A file holds one thing."""
    if len(source.lines) > LONGEST:
        yield Violation(source.path, LONGEST + 1, f"{len(source.lines)} lines, more than {LONGEST}: it holds more than one thing")


_SILENCER = re.compile(r"#\s*(type:\s*ignore|noqa)(\[[^\]]*\]|:\s*[A-Z0-9, ]+)?(?P<rest>.*)$")


def nothing_silenced(source: Source) -> Iterator[Violation]:
    """No exception is dropped, and no checker or test is switched off, without the reason beside it."""
    for number, line in enumerate(source.lines, 1):
        match = _SILENCER.search(line)
        if match and len(re.findall(r"[A-Za-z]{2,}", match["rest"])) < 2:
            yield Violation(source.path, number, f"{match[0].strip()} without its reason beside it")
    for node in source.walk(ast.ExceptHandler):
        broad = node.type is None or dotted(node.type) in ("Exception", "BaseException")
        if broad and all(isinstance(inner, ast.Pass | ast.Continue) or _is_ellipsis(inner) for inner in node.body):
            yield Violation(source.path, node.lineno, "an exception of any kind is dropped")
    for node in source.walk(ast.Call, ast.Attribute):
        target = dotted(node.func) if isinstance(node, ast.Call) else dotted(node)
        if not re.search(r"(^|\.)(skip|skipif|xfail|importorskip)$", target) or not target.startswith("pytest"):
            continue
        if isinstance(node, ast.Call) and not _has_reason(node, target):
            yield Violation(source.path, node.lineno, f"{target} without a reason")
    for node in source.walk(ast.FunctionDef, ast.ClassDef):
        for decorator in node.decorator_list:
            if re.search(r"mark\.(skip|xfail)$", dotted(decorator)):
                yield Violation(source.path, decorator.lineno, f"{dotted(decorator)} without a reason")


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _has_reason(call: ast.Call, target: str) -> bool:
    if any(keyword.arg == "reason" for keyword in call.keywords):
        return True
    return target in ("pytest.skip", "pytest.xfail") and bool(call.args)


PLACES = re.compile(r"(?<![\w.])/(home|root|Users|work|opt|mnt|srv)/\w|[A-Z]:\\Users|file://")
REGISTRIES = re.compile(r"https?://[^\s\"')]*(pypi|artifactory|nexus|/simple\b|registry|download\.pytorch)|--(extra-)?index-url")


def no_places(source: Source) -> Iterator[Violation]:
    """No file knows the machine it was written on, nor where packages come from."""
    for number, line in enumerate(source.lines, 1):
        for pattern, what in ((PLACES, "a path of one machine"), (REGISTRIES, "the address of a package registry")):
            if found := pattern.search(line):
                yield Violation(source.path, number, f"{what}: {found[0]}")


NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "xmlrpc", "requests", "httpx", "aiohttp"}


def no_network(source: Source) -> Iterator[Violation]:
    """Nothing is fetched at run time: no module that speaks to the network, no loader of data sets that downloads."""
    for node in source.walk(ast.Import, ast.ImportFrom, ast.Call):
        for module in imported(node):
            if module.split(".")[0] in NETWORK and not module.startswith("urllib.parse"):
                yield Violation(source.path, node.lineno, f"{module} speaks to the network")
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Call):
            names = [dotted(node.func).split(".")[-1]]
        for name in names:
            if name.startswith(("fetch_", "urlopen", "urlretrieve")):
                yield Violation(source.path, node.lineno, f"{name} downloads")


def no_printing_constructors(source: Source) -> Iterator[Violation]:
    """Making an object prints nothing."""
    for node in source.walk(ast.FunctionDef):
        if node.name in ("__init__", "__post_init__", "__new__"):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and dotted(call.func) == "print":
                    yield Violation(source.path, call.lineno, "a constructor prints")


def source_fault(key: str, locus: str) -> str | None:
    """What is missing from where a claim says it comes from; None when it names a work and a place in it."""
    if not key.strip():
        return "names no source"
    if not locus.strip() and not re.search(r"\d|slide|page|section|heading|theorem|lemma|definition|exercise|appendix", key, re.IGNORECASE):
        return f"names {key!r} but no place in it: give the equation, section or slide"
    return None
