    try:
        return _decoder.decode({{ body }})
    except msgspec.ValidationError as error:
        detail = str(error)
        about_version = "`$.version`" in detail or "`version`" in detail
        raise RejectedError(Reason.UNKNOWN_VERSION if about_version else Reason.WRONG_SHAPE, detail) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RejectedError(Reason.NOT_JSON, str(error)) from error
