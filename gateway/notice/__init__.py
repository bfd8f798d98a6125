"""The privacy notice as data.

source    YAML -> plain values with the line of each field
fields    the kinds of value, with the words that a wrong one gets
answers   how callers answer                   places  places in a message body
channel   a channel and what it keeps          model   all other blocks, and the notice itself
problems  pydantic's errors in plain words     checks  what must hold between the blocks
load      load_notice(path) -> Loaded(notice, digest, path)
"""
