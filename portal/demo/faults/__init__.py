"""What can be made to go wrong on purpose: knobs on the panel, its nodes, their sockets and the object store."""
