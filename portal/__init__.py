"""Roost: a customer portal that stands beside a Pterodactyl panel."""
