"""What needs no host: tested in tests/."""


def words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())
