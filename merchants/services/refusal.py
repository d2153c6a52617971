"""What a service answers to something that cannot be."""


class Refused(Exception):
    """The message is a translated sentence that says why and what to do; `field` is the one of the form it is about."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
