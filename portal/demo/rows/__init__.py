"""The panel's tables, one class for a row.  Times are unix seconds; two rows are never the same row."""
