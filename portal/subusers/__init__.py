"""People with access to a server that is not theirs."""
