"""AudioCodes VoiceAI Connect: its Bot API over HTTP.

edge        who may come                     activities   what both sides say, and what of it goes on
"""
