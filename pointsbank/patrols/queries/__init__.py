"""What can be asked about routes, rounds, findings and proposals."""
