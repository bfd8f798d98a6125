"""Requests of data subjects: Art. 15 to 21 and 7(3) GDPR.

decisions       the clock, what an answer says, who is told   } pure
commands        what in a chat is a request                   }
office          takes requests, proves who asks, shows answers
acts            what is done to a session without a request
carrying        finds the sessions and does what is asked for
casework        the desk's part: attest, include, answer, extend, refuse
chat            answers requests in a chat
copying         the copy as a file            zipping         while it is sent
letters         mail and hooks                correspondence  what is written to people
contacts        where letters go
outbox          tells recipients              job             what goes on by itself
attempts        how often somebody may try
page            the plain page                words           its languages
"""
