"""Genesys AudioHook: the audio of a call over a WebSocket that Genesys opens; consent comes by the API of calls.

signature   HTTP message signature, verified at the edge
protocol    the messages, pure
"""
