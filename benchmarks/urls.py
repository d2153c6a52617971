from django.urls import path

from benchmarks.minimal.views import EntryView
from mallops.urls import urlpatterns as product

urlpatterns = [path("minimal/entries", EntryView.as_view()), *product]
