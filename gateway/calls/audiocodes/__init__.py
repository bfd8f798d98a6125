"""AudioCodes VoiceAI Connect: its Bot API over HTTP and over a WebSocket.

edge        who may come                     activities   what both sides say, and what of it goes on
streaming   the messages of the WebSocket
"""
