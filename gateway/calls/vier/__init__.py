"""VIER Cognitive Voice Gateway: its Bot API towards the bot, its Call API back.

edge        who may come, from either side       commands   what a bot may have done, and what of it goes on
recordings  what VIER has recorded by itself
messages    what the platform tells, and what of it the bot gets
"""
