"""What takes too long is told, however busy the machine is."""

from collections.abc import Iterator

import pytest

from fuzz.timing import SLOWEST_SECONDS, timed


@pytest.mark.parametrize(("seconds", "fails"), [(0.0, False), (SLOWEST_SECONDS, False), (SLOWEST_SECONDS + 0.1, True)])
def test_an_input_that_takes_too_long_fails(seconds: float, *, fails: bool) -> None:
    seen: list[bytes] = []
    times: Iterator[float] = iter((0.0, seconds))
    run = timed(seen.append, lambda: next(times))
    if fails:
        with pytest.raises(TimeoutError, match="too long"):
            run(b"x")
    else:
        run(b"x")
    assert seen == [b"x"]
