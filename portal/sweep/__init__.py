"""Looking for servers that are not paid for, and the guard before anything is suspended (docs/billing.md)."""
