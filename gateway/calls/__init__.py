"""Calls: ask first, make the answer durable, only then keep what is spoken.

events    what happens and what follows         } pure
answers   what a spoken answer means            }
script    what the notice says of a channel     }
session   the state of a call                   }
live      a call that is going on
line      the calls of a channel, from their beginning to their end
hearing   what is said in them
"""
