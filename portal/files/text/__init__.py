"""The editor: opening a text, saving it so that nothing is destroyed, and its earlier versions."""
