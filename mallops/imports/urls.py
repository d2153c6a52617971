from django.urls import include, path

from . import views

app_name = "imports"
urlpatterns = [
    path(
        "malls/<slug:mall>/imports/",
        include(
            [
                path("", views.import_list, name="import_list"),
                path("new/", views.import_new, name="import_new"),
                path("<int:pk>/", views.import_detail, name="import_detail"),
                path("<int:pk>/report/", views.import_report, name="import_report"),
                path("<int:pk>/cancel/", views.import_cancel, name="import_cancel"),
            ]
        ),
    ),
]
