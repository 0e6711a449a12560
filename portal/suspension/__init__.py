"""Why a server should be suspended, whether it is, and making the panel agree (docs/billing.md)."""
