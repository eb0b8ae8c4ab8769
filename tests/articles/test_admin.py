"""Editing in the admin, and what it means for loading."""

from typing import Any

import pytest
from django.core.management import call_command

from articles.models import Article, SafetyNotice, Study
from tests import factories


@pytest.fixture
def admin(client, first_article):
    """A client of somebody who may do everything."""
    client.force_login(factories.person("Admin", is_staff=True, is_superuser=True))
    return client


def form_of(response) -> dict[str, Any]:
    """What a browser would send back if nothing was changed."""
    data: dict[str, Any] = {}
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.initial_forms]
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, list):
                data[field.html_name] = [getattr(item, "pk", item) for item in value]
            elif hasattr(field.field.widget, "widgets"):
                for number, part in enumerate(field.field.widget.decompress(value)):
                    data[f"{field.html_name}_{number}"] = part if part is not None else ""
            elif value is not None and value is not False:
                data[field.html_name] = value
    return data


@pytest.mark.parametrize("model", ["article", "study", "safetynotice"])
def test_the_pages_open(admin, model):
    models: dict[str, Any] = {"article": Article, "study": Study, "safetynotice": SafetyNotice}
    row = models[model].objects.first()
    assert admin.get(f"/admin/articles/{model}/").status_code == 200
    assert admin.get(f"/admin/articles/{model}/{row.pk}/change/").status_code == 200
    assert admin.get(f"/admin/articles/{model}/add/").status_code == 200


@pytest.mark.parametrize("model", [Article, Study, SafetyNotice])
def test_saving_counts_as_edited_by_staff(admin, model: Any):
    row = model.objects.first()
    before = Article.objects.get().etag_parts()
    url = f"/admin/articles/{model._meta.model_name}/{row.pk}/change/"
    response = admin.post(url, form_of(admin.get(url)) | {"title": "By staff"})
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert row.title == "By staff"
    assert Article.objects.get().etag_parts() != before
    call_command("load_articles")
    assert model.objects.get(pk=row.pk).title == "By staff"


def test_formatted_text_is_rendered_when_it_is_saved(admin):
    notice = SafetyNotice.objects.get()
    url = f"/admin/articles/safetynotice/{notice.pk}/change/"
    admin.post(url, form_of(admin.get(url)) | {"body_source": "Mail joe@example.com **now** <script>"})
    notice.refresh_from_db()
    assert notice.body_html == "<p>Mail [e-mail address removed] <strong>now</strong> &lt;script&gt;</p>"
