"""The form for requests as a browser without scripts sends it, over the real listener."""

from __future__ import annotations

from tests.integration.conftest import MakeShop
from tests.integration.rights_shop import EMAIL, RIGHTS, post


async def test_the_page_says_whether_there_was_a_consent_to_withdraw(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        url = f"{shop.addresses.public}/chat/rights?lang=en"
        for given, said in ((False, "You have given no consent"), (True, "Your consent is withdrawn")):
            _, headers = await shop.answer("given") if given else await shop.say("Hello")
            shown = {**headers, "Sec-Fetch-Site": "same-origin"}
            async with shop.client.post(url, data={"right": "withdrawal"}, headers=shown) as response:
                assert said in await response.text()


async def test_another_site_can_not_ask_in_a_persons_name(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        status, document = await post(
            shop, "/chat/rights", {"Sec-Fetch-Site": "cross-site"}, right="erasure", contact=EMAIL
        )
        assert (status, document["reason"]) == (403, "cross_site")


async def test_a_form_keeps_what_was_typed(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        url = f"{shop.addresses.public}/-/rights?lang=nl"
        form = {"right": "objection", "contact": EMAIL, "scope": "nothing-such", "statement": "<b>Ik & u</b>"}
        async with shop.client.post(url, data=form) as response:
            text = await response.text()
            assert response.status == 400
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "Zo&#39;n doel of toestemming" in text
        assert 'value="objection" checked' in text
        assert "&lt;b&gt;Ik &amp; u&lt;/b&gt;" in text
        assert await shop.addresses.gateway.store.requests.requests() == ()


async def test_a_form_names_purposes_and_consents_in_the_reader_s_words(make_shop: MakeShop) -> None:
    notice = RIGHTS.replace(
        "interest: bessere", "description: {de: Antworten verbessern, en: Better answers}, interest: bessere"
    )
    async with make_shop(notice=notice) as shop:
        form = {"right": "restriction", "contact": "wrong", "scope": "18-1-c"}
        async with shop.client.post(f"{shop.addresses.public}/-/rights?lang=en", data=form) as response:
            text = await response.text()
        assert '<option value="improve">Better answers</option>' in text
        assert '<option value="quality">May we use the chat for quality?</option>' in text
        assert '<option value="18-1-c" selected>I need the data for legal claims</option>' in text
        assert "prove-consent" not in text  # a duty can't be objected to


async def test_the_page_says_whether_machines_decide(make_shop: MakeShop) -> None:
    notice = RIGHTS.replace("\nrights:\n", "\nautomated_decisions: {de: Keine., en: None at all.}\nrights:\n")
    async with make_shop(notice=notice) as shop:
        _, headers = await shop.say("Guten Tag")
        for right, told in (("access", True), ("portability", False)):
            url, shown = f"{shop.addresses.public}/chat/rights?lang=en", {**headers, "Sec-Fetch-Site": "same-origin"}
            async with shop.client.post(url, data={"right": right}, headers=shown) as response:
                assert ("None at all." in await response.text()) is told
