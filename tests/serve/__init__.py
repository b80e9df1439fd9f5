"""The page, and the server that answers it."""
