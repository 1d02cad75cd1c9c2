"""What a report over the sources says before its claims: counts, edges, errata, results, and where the nodes of the graph stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.reports.bibliography import Citations
from lemmata.reports.chapters import Chapters, chapters
from lemmata.reports.graph_layout import crossings, levels, overlaps, places, spread
from lemmata.reports.graph_picture import svg, tikz
from lemmata.reports.latex import document
from lemmata.reports.pdf import compile_tex, has_tex
from lemmata.reports.row_names import ROW_NAMES
from lemmata.reports.topics import PARTS, heading, part_of, place_in_report
from lemmata.reports.views import topics_of
from lemmata.verify.catalogue import register_modules
from lemmata.verify.record import Record
from lemmata.verify.rows.coverage import ROWS
from lemmata.verify.rows.dependencies import edges
from lemmata.verify.rows.errata import ERRATA

from . import samples


def told(records: list[Record]) -> Chapters | None:
    views = {}
    topics = topics_of(records, Citations())
    by_label = {f"claim-{number}": record.name for number, record in enumerate(records, start=1)}
    for group in topics:
        for view in group.claims:
            views[by_label[view.label]] = view
    return chapters(records, views)


def whole() -> Chapters:
    found = told(samples.of_four_sources())
    assert found is not None
    return found


def test_without_one_of_the_sources_there_are_no_chapters() -> None:
    assert told([record for record in samples.of_four_sources() if "S." not in record.about]) is None
    assert told([]) is None


def test_rows_and_claims_are_counted_by_source() -> None:
    by_letter = {line.letter: line for line in whole().sources}
    daniely = by_letter["D"]
    assert (daniely.rows, daniely.weakest, daniely.unclaimed) == (19, {"proved": 1, "supported": 1}, 17)
    assert (daniely.claims, daniely.misprinted, daniely.refuted, daniely.unexpected) == ({"proved": 1, "supported": 1}, 1, 1, 0)
    assert by_letter["S"].unexpected == 1
    assert by_letter["Y"].misprinted == 0  # a form that is known to be false, and that no source prints
    assert whole().total.rows == 145


def test_every_erratum_stands_there_with_both_forms_or_a_reason() -> None:
    found = {erratum.row.name: erratum for erratum in whole().errata}
    assert list(found) == [erratum.row for erratum in ERRATA]
    kernel = found["D.14"]
    assert [claim.heading for claim in kernel.printed] == ["As printed"] and kernel.printed[0].counter_sides
    assert len(kernel.corrected) == 1 and kernel.reason == ""
    assert all(erratum.printed or erratum.reason for erratum in found.values())


def test_results_and_rows_name_the_claims_that_are_there() -> None:
    proofs = [claim.chains for result in whole().results for claim in result.claims]
    assert len(proofs) == 1 and proofs[0]
    rows = {row.name: row for _, group in whole().rows for row in group}
    assert len(rows) == 145 and rows["Y.10"].rests_on == ("Y.11",)
    assert rows["D.14"].told == "proved; as printed refuted"


def test_the_pictures_hold_every_edge_and_tell_carried_from_explained() -> None:
    drawn = [link for picture in whole().pictures for link in picture.links]
    assert {(upper, lower) for upper, lower, _ in drawn} == set(edges())
    assert ("Y.10", "Y.11", True) in drawn and ("Y.12", "Y.10", False) in drawn
    named = {node.name for picture in whole().pictures for node in picture.nodes}
    assert named | {name for picture in whole().pictures for name in picture.alone} >= {row.name for row in ROWS}


def test_a_picture_shows_verdicts_and_links() -> None:
    first = whole().pictures[0]
    paper, screen = tikz(first, whole().labels), svg(first, whole().labels)
    assert "draw=supported" in paper and r"\hyperref[row-D.3]" in paper
    assert 'class="node supported"' in screen and 'href="#row-D.3"' in screen and 'class="misprint"' in screen


def test_every_row_in_the_pictures_has_a_name() -> None:
    assert {name for edge in edges() for name in edge if name in {row.name for row in ROWS}} == set(ROW_NAMES)


@given(st.lists(st.floats(-100, 100), max_size=12))
def test_nodes_keep_their_order_and_their_distance(wished: list[float]) -> None:
    found = spread(wished)
    assert all(later - earlier > 1 - 2.0**-20 for earlier, later in zip(found, found[1:], strict=False))


def test_places_lead_from_left_to_right_without_overlap() -> None:
    links = [("c", "a"), ("c", "b"), ("d", "c"), ("e", "a"), ("y", "x")]
    found = places(list("abcdexy"), links)
    assert all(found[upper].column > found[lower].column for upper, lower in links)
    assert not overlaps(found)
    assert levels(["a", "b", "c"], [("b", "a"), ("c", "b")]) == {"a": 0, "b": 1, "c": 2}


def test_neighbours_are_put_in_an_order_in_which_their_edges_do_not_cross() -> None:
    links = [("x", "b"), ("y", "a"), ("z", "a"), ("z", "b")]
    assert crossings(places(list("abxyz"), links), links) == 0


def test_the_parts_name_files_of_the_register_and_each_has_a_heading() -> None:
    stems = {module.rpartition(".")[2] for module in register_modules()}
    placed = [stem for _, group in PARTS for stem in group]
    assert len(placed) == len(set(placed)) and set(placed) == stems
    for stem in placed:
        assert heading(f"/another/machine/register/{stem}.py").paragraphs
        assert part_of(f"/another/machine/register/{stem}.py")


def test_a_file_that_no_part_names_comes_after_those_that_one_does() -> None:
    assert part_of("/x/register/brand_new.py") == ""
    assert place_in_report("/x/register/brand_new.py") > place_in_report("/x/register/basin_clusters.py")


def test_files_of_users_come_last_with_their_own_docstring(tmp_path: Path) -> None:
    file = tmp_path / "my_claims.py"
    file.write_text('"""Two sums: what they come to.\n\nConventions: n is a number."""\nraise SystemExit\n')
    assert heading(str(file)).title == "Two sums"
    assert heading(str(file)).paragraphs == ("Two sums: what they come to.", "Conventions: n is a number.")
    assert part_of(str(file)) == "" and place_in_report(str(file)) > place_in_report("/x/register/relu.py")
    file.write_text("def broken(")
    assert heading(str(tmp_path / "other.py")).title == "Other"


@pytest.mark.skipif(not has_tex(), reason="pdflatex is not installed on this machine")
def test_the_chapters_fit_the_page() -> None:
    records = [*samples.all_records(), *samples.of_four_sources()]
    compiled = compile_tex(document(records), {})
    assert compiled.overfull == () and compiled.undefined == ()


def test_a_record_that_was_not_refuted_is_no_erratum_that_is_settled() -> None:
    records = [replace(record, verdict=samples.Verdict.PROVED) if record.expect else record for record in samples.of_four_sources()]
    found = told(records)
    assert found is not None
    lines = {line.letter: line for line in found.sources}
    assert (lines["D"].misprinted, lines["D"].unexpected) == (0, 1)
