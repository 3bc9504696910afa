class Reason(StrEnum):
    """Why an event is rejected; trying it again changes nothing."""

{% if kinesis %}
    NOT_JSON = "not_json"
{% endif %}
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    IMPLAUSIBLE = "implausible"


class RejectedError(ValueError):
    """An event that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _rejection(error: msgspec.ValidationError | UnicodeError) -> RejectedError:
    detail = str(error)
    about_version = "version`" in detail
    return RejectedError(Reason.UNKNOWN_VERSION if about_version else Reason.WRONG_SHAPE, detail)
