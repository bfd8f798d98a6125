"""The vendor's own bot SDKs for Node behind the gateway, the old one and the new, where npm can install them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.conftest import MakeShop
from tests.integration.jambonz import CREDENTIALS, NOTICE, Jambonz, connect

BOT = """
const {createServer} = require('http');
const {createEndpoint} = require(process.argv[2]);
const server = createServer();
createEndpoint({server})({path: '/bot'}).on('session:new', (session) => {
  const ask = (text) => session.gather({input: ['speech'], actionHook: '/next', say: {text}});
  session.on('/next', (event) => ask('Sie sagten: ' + event.speech.alternatives[0].transcript).reply());
  ask('Was kann ich tun? Sie rufen an von ' + session.from).send();
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
"""


SDKS = {"@jambonz/node-client-ws": "@jambonz/node-client-ws@0.2.13", "@jambonz/sdk/websocket": "@jambonz/sdk@0.10.1"}


@pytest.fixture(scope="session", params=sorted(SDKS))
def sdk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with a bot, and the SDK that it is written with."""
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("jambonz")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no npm on this machine")
    command = [npm, "install", "--silent", "--ignore-scripts", "--no-audit", SDKS[request.param]]
    if subprocess.run(command, cwd=folder, check=False, timeout=180).returncode:
        pytest.skip("the npm registry can't be reached")
    (folder / "bot.js").write_text(BOT, encoding="utf-8")
    return folder, request.param


@pytest.fixture
async def bot(sdk: tuple[Path, str]) -> AsyncIterator[str]:
    """Run the bot; yields its address."""
    folder, module = sdk
    running = await asyncio.create_subprocess_exec("node", "bot.js", module, cwd=folder, stdout=PIPE)
    assert running.stdout is not None
    async with asyncio.timeout(30):
        while not (line := await running.stdout.readline()).startswith(b"http"):
            assert line, "the bot has ended"
    yield line.decode().strip()
    running.kill()
    await running.communicate()


async def test_a_bot_written_with_the_vendors_sdk(make_shop: MakeShop, bot: str) -> None:
    async with make_shop(NOTICE, upstream=bot, platform_secrets=CREDENTIALS) as shop, connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        (asked,) = await jambonz.begin()
        assert asked["actionHook"] == "/sordino/answer"
        (greeting,) = await jambonz.press("1")
        assert (greeting["verb"], greeting["actionHook"]) == ("gather", "/next")
        assert greeting["say"]["text"] == "Was kann ich tun? Sie rufen an von [PHONE]"
        (said,) = await jambonz.speak("Ich bin Katharina Brandhorst, wo ist mein Paket?")
        assert said["say"]["text"] == "Sie sagten: Ich bin [PERSON], wo ist mein Paket?"
        (session,) = await shop.sessions()
        assert (await shop.texts(session))[1] == "subject: Ich bin [PERSON], wo ist mein Paket?"
