"""The sign-in window, step by step."""
