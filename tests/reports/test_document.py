"""The LaTeX of a report: what it says, what it escapes, and that it compiles with no line in the margin."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lemmata.reports.bibliography import WORKS, Citations, find
from lemmata.reports.evidence_table import table_of
from lemmata.reports.exact import exact
from lemmata.reports.figures import draw_figures, figure_modules
from lemmata.reports.latex import document, files_of
from lemmata.reports.pdf import NoTeX, TeXFailed, compile_tex, first_error, has_tex
from lemmata.reports.prose import prose, sentence, value
from lemmata.reports.store import Stored, to_json

from . import samples

needs_tex = pytest.mark.skipif(not has_tex(), reason="pdflatex is not installed on this machine")

ALLOWED_EXCESS = 0.0
"""Points by which a line may stick out of its box: rows that are too wide are shrunk, so none does."""


def test_every_part_of_a_claim_is_there() -> None:
    tex = document(samples.all_records())
    for text in (
        r"\begin{claim}[\texttt{relu-\allowbreak{}kernel}]",
        r"\citet[{eq. (6)}]{cho-saul-2009}",
        r"\citep{price-1958}",
        r"$q_1, q_2 > 0$",
        r"\verdict{proved}",
        "Price's theorem, anchored at $-1$",
        "Taken for granted",
        "as printed, refuted",
        r"\begin{printedclaim}",
        r"\hyperref[claim-1]",
        "7 of 7 altered copies refuted",
        "A blog post \\#3",
        "Error rate of the run & $10^{-6}$",
    ):
        assert text in tex
    assert "row Y.70" not in tex
    assert "0.160861246" in tex


def test_only_cited_works_are_printed() -> None:
    tex = document([samples.certified()])
    assert r"\bibitem[Johansson(2017)]{arb}" in tex
    assert "cho-saul" not in tex


def test_no_raw_name_reaches_the_page() -> None:
    tex = re.sub(r"\\(?:label|ref|hyperref|includegraphics|definecolor)[\[{][^\]}]*[\]}]", "", document(samples.all_records()))
    body = tex[tex.index(r"\begin{document}") :]
    for raw in ("monte_carlo", "gaussian_quadrature", "q_star", "relu_kernel_value", "law_with_moments", "Matrix(", "sqrt(3)"):
        assert raw not in body
    assert r"\sigma_w" in body
    assert "q^{*}" in body


def test_an_empty_report_is_a_document() -> None:
    assert r"\end{document}" in document([])


@needs_tex
def test_it_compiles_with_no_line_in_the_margin() -> None:
    figures, notes = draw_figures(samples.FIGURE_DATA)
    assert not notes
    compiled = compile_tex(document(samples.all_records(), figures=figures, notes=["a_note & more"]), files_of(figures))
    assert compiled.pdf.startswith(b"%PDF")
    assert [box for box in compiled.overfull if box[0] > ALLOWED_EXCESS] == []
    assert compiled.undefined == ()


@needs_tex
def test_an_overfull_line_would_be_seen() -> None:
    tex = document([samples.certified()]).replace(r"\begin{abstract}", r"\hbox to 1pt{" + "x" * 200 + r"}\begin{abstract}")
    assert compile_tex(tex, {}).overfull


@needs_tex
def test_equal_records_give_equal_bytes() -> None:
    figures, _ = draw_figures(samples.FIGURE_DATA)
    tex = document([samples.proved()], figures=figures)
    assert compile_tex(tex, files_of(figures)).pdf == compile_tex(tex, files_of(draw_figures(samples.FIGURE_DATA)[0])).pdf


@needs_tex
def test_an_error_of_tex_is_one_line() -> None:
    with pytest.raises(TeXFailed) as caught:
        compile_tex(document([samples.certified()]).replace(r"\maketitle", r"\nosuchcommand"), {})
    assert "Undefined control sequence" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_tex_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoTeX, match="texlive-latex-base texlive-pictures"):
        compile_tex("", {})


def test_a_missing_package_is_named() -> None:
    log = "! LaTeX Error: File `booktabs.sty' not found.\n\nl.7 \\usepackage"
    assert "booktabs.sty is missing" in first_error(log)
    assert "no error message" in first_error("nothing")


def test_every_source_of_the_register_is_known() -> None:
    from lemmata.verify.discover import register

    claims = register()
    keys = {claim.name: claim.source.key for claim in claims if claim.source.key}
    unknown = {name: key for name, key in keys.items() if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", key) and key not in WORKS}
    assert claims
    assert unknown == {}


def test_every_source_of_a_rule_is_known() -> None:
    import pkgutil
    from importlib import import_module

    from lemmata.theory import rules
    from lemmata.theory.derivation import Rule

    sources = set()
    for module in pkgutil.iter_modules(rules.__path__):
        for item in vars(import_module(f"{rules.__name__}.{module.name}")).values():
            if isinstance(item, Rule) and item.source:
                sources.add(item.source)
    assert sources
    dated = {source for source in sources if re.search(r"\(\d{4}\)", source)}
    assert {source for source in dated if find(source) is None} == set()


def test_works_are_complete() -> None:
    for key, work in WORKS.items():
        assert work.authors and work.names and work.title and work.venue
        assert work.year.isdigit() or "lecture" in key
        assert find(f"{work.authors} ({work.year or work.title}), eq. (1)") is not None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Cho & Saul (2009), eq. (6)", ("cho-saul-2009", "eq. (6)")),
        ("Price (1958), A useful theorem for nonlinear devices having Gaussian inputs", ("price-1958", "")),
        ("Poole et al. (2016), section 2", ("poole-2016", "section 2")),
        ("Yarotsky, Optimization of neural networks, slide 3", ("yarotsky-lecture", "slide 3")),
        ("Safran and Shamir (2018), theorem 1", ("safran-shamir-2018", "theorem 1")),
        ("Cho & Saul (2010)", None),
        ("", None),
    ],
)
def test_free_text_finds_its_work(source: str, expected: tuple[str, str] | None) -> None:
    assert find(source) == expected


def test_unknown_sources_are_printed_as_given() -> None:
    citations = Citations()
    assert citations.cite("Some Author (1999), p. 3 & 4") == r"Some Author (1999), p. 3 \& 4"
    assert citations.works() == ()


def test_a_group_of_points_is_a_heading_and_the_coarsest_of_them() -> None:
    table = table_of(samples.proved().evidence)
    heads = [row.span for row in table.rows if row.head]
    assert [head.partition(";")[0] for head in heads] == [
        r"\textsl{gaussian quadrature} agrees (rigorous) at 6 points, one shown",
        r"\textsl{monte carlo} agrees (statistical) at 6 points, one shown",
    ]
    assert len([row for row in table.rows if not row.span]) == len(heads)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% of a_file & #1", r"50\% of a\_file \& \#1"),
        ("at sigma_w = 1, n <= 3", r"at $\sigma_w = 1$, $n \le 3$"),
        ("the step 1/M and 1 - M alpha", r"the step $1/M$ and $1 - M \alpha$"),
        ("an error of 2.5e-13", r"an error of $2.5 \cdot 10^{-13}$"),
        ("see $x_1^2$ there", "see $x_1^2$ there"),
        (r"with \(W^T\) too", r"with $W^\top$ too"),
        ("no 2-D quadrature", "no 2-D quadrature"),
        ("for Σ ≤ 1", r"for $\Sigma \le 1$"),
        ("it ends in 2*arcsin(q1)/π, not there", r"it ends in $\frac{2 \arcsin(q_1)}{\pi}$, not there"),
        ("Schrödinger’s “law”", "Schrödinger's ``law''"),
        ("I think a claim (see above)", "I think a claim (see above)"),
        ("the bound sigma_b**2 holds", r"the bound $\sigma_b^{2}$ holds"),
        ("1 - 7.979e-07, at q = 1000000000000", r"1~$-$~$7.979 \cdot 10^{-7}$, at $q = 10^{12}$"),
    ],
)
def test_sentences(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_sentences_begin_and_end() -> None:
    assert sentence("derived in 1 step") == "Derived in 1 step."
    assert sentence("w_0 is fixed.") == "$w_0$ is fixed."
    assert sentence("") == ""


def test_values() -> None:
    assert value("[0.25 +/- 3e-17]") == r"$0.25 \allowbreak \pm 3 \cdot 10^{-17}$"
    assert value("3.14159265358979323846") == r"$3.14159265\ldots$"
    assert exact("(1 + sqrt(5))/2") == r"\frac{1 + \sqrt{5}}{2}"
    assert exact("[[1, 1/2], [0, 1]]") == r"\begin{pmatrix} 1 & 1/2 \\ 0 & 1 \end{pmatrix}"
    assert exact("CRootOf(x**2 - 2, 0)") is None
    assert exact("__import__('os')") is None


def test_a_report_is_rebuilt_without_torch_or_sympy(tmp_path: Path) -> None:
    stored = tmp_path / "records.json"
    stored.write_text(to_json(Stored(tuple(samples.all_records()), samples.FIGURE_DATA)), encoding="utf-8")
    program = (
        "import sys\n"
        "from lemmata.reports.store import read_document\n"
        "from lemmata.reports.figures import draw_figures\n"
        "from lemmata.reports.latex import document\n"
        f"stored = read_document({str(stored)!r})\n"
        "figures, notes = draw_figures(stored.figures)\n"
        f"assert len(figures) == {len(samples.FIGURE_DATA)} and not notes, notes\n"
        "assert 'relu-' in document(stored.records, figures=figures)\n"
        "heavy = {'torch', 'sympy', 'flint', 'scipy', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_figures_have_what_the_registry_asks_for() -> None:
    modules = figure_modules()
    assert set(modules) == set(samples.FIGURE_DATA)
    for module in modules.values():
        assert module.TOPICS and callable(module.measure) and callable(module.draw)


def test_a_figure_that_cannot_be_drawn_is_a_note() -> None:
    figures, notes = draw_figures({"path-variance": {}, "no-such-figure": {}})
    assert figures == []
    assert len(notes) == 2
