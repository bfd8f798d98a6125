"""Makes the weights of `redaction.names` from conversations; nothing here runs in production."""
