"""What happened to a server: the panel's log and the portal's own, as one."""
