"""HTTP: from aiohttp's requests to the gateway's own values and back. No decision is taken here."""
