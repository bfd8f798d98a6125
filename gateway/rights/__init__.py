"""Requests of data subjects: Art. 15 to 21 and 7(3) GDPR.

decisions   the clock, what an answer says, who is told   } pure
commands    what in a chat is a request                   }
office      takes requests, proves who asks, carries out, answers
copying     the copy as a file
letters     mail and hooks
outbox      tells recipients
attempts    how often somebody may try
page        the plain page
"""
