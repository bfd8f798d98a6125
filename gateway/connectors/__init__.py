"""One small module per wire protocol, named as in a notice; `docs/connectors.md` lists them.

A module has `CONNECTOR`, or `connector(paths)` where the notice gives the places, and `EXAMPLES`.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from gateway.connector import Connector
from gateway.notice.channel import Channel


def connector_for(channel: Channel) -> Connector:
    """Return the connector of a channel; the loader has made sure that it exists and has its paths."""
    module = import_module(f"gateway.connectors.{channel.connector}")
    made: Connector = module.connector(channel.paths) if channel.paths is not None else module.CONNECTOR
    return made if channel.conversation is None else replace(made, conversation=(channel.conversation,))
