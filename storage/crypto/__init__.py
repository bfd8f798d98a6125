"""Keys and sealing.

aead        the record format: seals and opens the records of a part
padding     hides the length of a message
keyring     epoch keys and what they wrap: part keys, session keys
providers   root keys: where they come from
framing     fields in bytes, unambiguously
"""
