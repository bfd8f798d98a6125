"""An append-only log of what was done, without personal data, that proves its own past.

happened     what the store logs
events       how it is logged: as salted entries
tree         the Merkle tree over them (RFC 6962)
"""
