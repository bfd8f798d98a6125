"""The long simulation of retention in its short form: it counts nothing that is not as it should be."""

from __future__ import annotations

from benchmarks.retention_years import Years


async def test_two_years_of_two_thousand_parts() -> None:
    found = await Years(seed=7).run(parts=2000, years=2)
    assert found.parts == found.erased > 1900
    assert found.compared > 500
    assert min(found.happened.values()) > 0
    assert set(found.happened) >= {"hold", "restriction", "objection", "withdrawal", "request", "purpose-end"}
    assert found.wrong == 0, found
