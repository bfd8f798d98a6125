"""Twilio Voice in front of a bot that speaks TwiML.

signature   verified at the edge, made anew for the bot
twiml       what a bot answers, made safe; the question
links       (in `gateway.calls`) addresses of the bot lead through the gateway
media       Media Streams: audio passes in memory, and is kept while everybody has agreed
relay       ConversationRelay: text both ways over a WebSocket
recordings  what Twilio has recorded by itself is fetched, sealed, and deleted there
"""
