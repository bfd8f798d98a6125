"""Each channel of calls belongs to exactly one worker, the same one for all of them."""

from pathlib import Path

import pytest

from gateway.notice.load import load_notice
from gateway.notice.model import Notice
from gateway.sharing import Share

NOTICES = Path(__file__).parents[3] / "notices"


@pytest.fixture(params=sorted(NOTICES.glob("*.yaml")), ids=lambda path: path.stem)
def notice(request: pytest.FixtureRequest) -> Notice:
    return load_notice(request.param).notice


@pytest.mark.parametrize("workers", [1, 2, 3, 64])
def test_every_channel_of_calls_has_one_worker_and_the_others_know_it(notice: Notice, workers: int) -> None:
    shares = [Share(number, workers, Path("/run/workers")) for number in range(workers)]
    for name, channel in notice.channels.items():
        told = [share.elsewhere(notice).get(name) for share in shares]
        owners = [number for number, path in enumerate(told) if path is None]
        if channel.kind != "call":
            assert len(owners) == workers
            continue
        (owner,) = owners
        assert {path for path in told if path is not None} <= {shares[0].socket_of(owner)}


def test_channels_of_calls_are_spread_over_the_workers() -> None:
    notice = load_notice(NOTICES / "imtron.yaml").notice
    calls = sum(channel.kind == "call" for channel in notice.channels.values())
    elsewhere = [len(Share(number, calls, Path("/run")).elsewhere(notice)) for number in range(calls)]
    assert elsewhere == [calls - 1] * calls
