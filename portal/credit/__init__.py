"""The credit door: money that came in, by command, page, signed request or bank file, each reference once."""
