"""An append-only log of what was done, without personal data, that proves its own past.

protocol     what a ledger can do
happened     what the store logs
events       how it is logged: as salted entries
tree         the Merkle tree over them (RFC 6962)
proofs       that a leaf is in the tree
tiers        how a large tree is kept
notes        signed notes
checkpoints  the state of the log, as a signed note
signing      the key that signs
sinks        where the log is written a second time
outside      sink and key together
figures      what the metrics show
"""
