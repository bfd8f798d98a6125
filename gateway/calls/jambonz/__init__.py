"""jambonz: its WebSocket between the platform and the bot.

edge       who may come                     messages   what jambonz says of a call
verbs      the bot's answers, made safe        allowed    what of them goes on
"""
