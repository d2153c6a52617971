"""Uploads that are too large are let run into nothing, neither memory nor disk, so that the form can say so."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class LimitedUpload(FileUploadHandler):
    """Stands before the other handlers of a request; sets `request.upload_too_large` when it cuts a file off.

    The token against forgery is read from the upload, so a view that uses it checks the token itself, afterwards
    (`csrf_exempt` around, `csrf_protect` within)."""

    def __init__(self, request: HttpRequest, most_bytes: int) -> None:
        super().__init__(request)
        self.most_bytes = most_bytes

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.most_bytes:
            self.request.upload_too_large = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
