"""The node's side: Wings' HTTP surface towards the panel, and the servers' processes behind it."""
