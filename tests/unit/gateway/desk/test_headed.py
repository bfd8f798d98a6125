"""Each cell of a table says in which column it stands."""

from __future__ import annotations

from gateway.desk.headed import headed


def test_each_cell_names_its_column_and_the_head_of_a_row_none() -> None:
    row = '<tr><th scope="row">a</th><td class="bad">b</td><td>c</td></tr>'
    assert headed(row * 2, ["One", "Two & more", "Three"]) == 2 * (
        '<tr><th scope="row">a</th><td data-head="Two &amp; more" class="bad">b</td><td data-head="Three">c</td></tr>'
    )


def test_a_cell_over_all_columns_has_no_head_and_what_is_shown_is_left_alone() -> None:
    rows = '<tr><td colspan="2">&lt;td&gt;</td></tr><tr><td{}>&lt;tr&gt;</td></tr>'
    assert headed(rows.format(""), ["One", "Two"]) == rows.format(' data-head="One"')
