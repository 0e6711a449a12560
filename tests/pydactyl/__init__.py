"""py-dactyl, which nobody here wrote, asks the demo panel; and what it does wrong, side by side with ours."""
