"""The vendor's own bot SDK for Node behind the gateway, where npm can install it."""

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
const {createEndpoint} = require('@jambonz/node-client-ws');
const server = createServer();
createEndpoint({server})({path: '/bot'}).on('session:new', (session) => {
  const ask = (text) => session.gather({input: ['speech'], actionHook: '/next', say: {text}});
  session.on('/next', (event) => ask('Sie sagten: ' + event.speech.alternatives[0].transcript).reply());
  ask('Was kann ich tun? Sie rufen an von ' + session.from).send();
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
"""


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a bot and the SDK that it is written with."""
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("jambonz")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no npm on this machine")
    command = [npm, "install", "--silent", "--ignore-scripts", "--no-audit", "@jambonz/node-client-ws@0.2.13"]
    if subprocess.run(command, cwd=folder, check=False, timeout=180).returncode:
        pytest.skip("the npm registry can't be reached")
    (folder / "bot.js").write_text(BOT, encoding="utf-8")
    return folder


@pytest.fixture
async def bot(sdk: Path) -> AsyncIterator[str]:
    """Run the bot; yields its address."""
    running = await asyncio.create_subprocess_exec("node", "bot.js", cwd=sdk, stdout=PIPE)
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
