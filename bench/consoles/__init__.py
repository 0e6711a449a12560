"""What `bench/console.py` measures with: a quick node, browsers of few words, visitors, and the portal between them."""
