"""What a proven request is carried out for."""

from __future__ import annotations

from pathlib import Path

from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights.carrying import Carrier
from gateway.rights.correspondence import Correspondence
from gateway.rights.kit import OfficeKit
from storage import Identifier
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.requests import Matter, NewRequest, Proof, RequestState, Right
from tests.fakes import FakeClock
from tests.integration.rights_shop import EMAIL, RIGHTS
from tests.unit.storage.builders import NOW, TRANSCRIPT, Customer, turn

MANY = 503


async def test_no_session_is_left_out_where_somebody_has_very_many(tmp_path: Path) -> None:
    path, store = tmp_path / "notice.yaml", MemoryStore()
    path.write_text(RIGHTS, encoding="utf-8")
    mine = Identifier("EMAIL", EMAIL)
    for number in range(MANY):
        customer = Customer(str(number), channel="chat")
        await store.write(customer.opening(TRANSCRIPT, turns=turn("Guten Tag", identifiers=(mine,))))
    loaded = load_notice(path)
    kit, now = OfficeKit(loaded, store, Correspondence(loaded.notice, None), Metrics(), FakeClock(NOW)), NOW
    carrier = Carrier(kit)
    new = NewRequest(
        uuid7(now), Right.ERASURE, "de", now, now, b"s" * 32, Matter(contact=EMAIL, identifiers=(mine,)),
        RequestState.OPEN, proof=Proof.CODE,
    )  # fmt: skip
    await store.requests.open(new, now)
    first = await carrier.carry_out(new.id)
    request, matter = await carrier.known(new.id), await store.requests.matter(new.id)
    assert (request.state, len(first), len(matter.linked)) == (RequestState.OPEN, 500, 3)
    rest = await carrier.include(new.id, "dpo-1", matter.linked)
    assert len(rest) == 3
    assert (await carrier.known(new.id)).state is RequestState.ANSWERED
    assert await store.sessions(now) == ()
