"""Fields for files of the types that are taken."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from merchants.services import documents
from merchants.services.refusal import Refused

ACCEPT = {"accept": ",".join(documents.ENDINGS)}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class DocumentField(forms.FileField):
    """One file of a type that is taken; an error says which file and why."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={**ACCEPT}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        file = super().clean(data, initial)
        try:
            if file:
                documents.content_type(file)
        except Refused as error:
            raise ValidationError(str(error)) from error
        return file


class DocumentsField(DocumentField):
    """Any number of such files."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, widget=FilesInput(attrs={**ACCEPT}))

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files, problems = [], []
        for each in data if isinstance(data, list | tuple) else [data]:
            try:
                files.append(super().clean(each, initial))
            except ValidationError as error:
                problems += error.messages
        if problems:
            raise ValidationError(problems)
        return [file for file in files if file]
