"""Schedules of a server and their tasks."""
