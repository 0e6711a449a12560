"""What servers cost, until when they are paid, and who paid it (docs/billing.md)."""
