"""What can be asked: who asks, kinds of problems, requests and updates, keys and codes."""
