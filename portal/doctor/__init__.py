"""What is wrong, in a sentence, and what to do about it: `flask doctor` and the admin's page."""
