"""Fields in our markup, and amounts typed in yuan."""

from django import forms
from django.template import Context, Template

from mallops.lib.ui.forms import MallForm, MoneyField


class PriceForm(MallForm):
    name = forms.CharField(help_text="Seen by staff")
    price = MoneyField(max_fen=100_000)
    kind = forms.ChoiceField(choices=[("a", "A")])
    days = forms.MultipleChoiceField(choices=[("1", "Mon")], widget=forms.CheckboxSelectMultiple, required=False)


def test_money_is_typed_in_yuan_and_kept_in_fen():
    form = PriceForm({"name": "x", "price": " ¥1,000.00 ", "kind": "a"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["price"] == 100_000
    assert 'value="12.50"' in str(PriceForm(initial={"price": 1250})["price"])


def test_money_refuses_what_is_no_amount_or_out_of_bounds():
    for text in ("abc", "1.234", "-1", "1000.01", "1e3"):
        assert "price" in PriceForm({"name": "x", "price": text, "kind": "a"}).errors, text


def test_controls_carry_bootstrap_classes_and_tell_of_errors():
    form = PriceForm({"price": "1", "kind": "a"})
    html = str(form)
    assert 'class="form-select"' in html
    assert 'class="form-control is-invalid"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'class="form-check-input"' in html
    assert "style=" not in html


def test_forms_of_other_packages_are_drawn_alike():
    class Plain(forms.Form):
        login = forms.CharField()

    template = Template('{% include "ui/field.html" with field=form.login %}')
    assert 'class="form-control"' in template.render(Context({"form": Plain()}))
