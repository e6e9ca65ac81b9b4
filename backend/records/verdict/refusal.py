class Refused(ValueError):
    """These bytes are not what they should be; the message says what is wrong, never a secret."""
