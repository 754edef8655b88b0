"""What templates show: amounts, times, states, and everything escaped."""

from __future__ import annotations

from wallet_service.faces.shell.rendering import (
    amount_html,
    day,
    day_written,
    environment,
    moment,
    signed_amount,
    state_pill,
)


def test_amounts_are_shown_as_people_read_them() -> None:
    assert signed_amount(-1250, "fr") == "−\u202f12,50"
    assert signed_amount(5000, "en") == "+\u202f50.00"
    assert signed_amount(0, "fr") == "0,00"
    assert str(amount_html(123450, "fr", "alba")) == (
        '1\u202f234<span class="cents">,50</span><span class="unit"> alba</span>'
    )
    assert environment("fr").from_string("{{ -1250|amount }}").render() == "−12,50"


def test_times_are_local_with_an_exact_machine_form() -> None:
    shown = str(moment(1_795_523_520_000, "fr"))
    assert shown == '<time datetime="2026-11-24T12:32:00+00:00">24 nov. 2026, 13\u202fh\u202f32</time>'
    assert "13:32" in str(moment(1_795_523_520_000, "en"))
    assert day(1_795_523_520_000, "en") == "24 Nov 2026"
    assert day_written("1988-04-12", "fr") == "12 avr. 1988"
    assert day_written("1988", "fr") == "1988"


def test_an_unknown_state_is_shown_as_it_is_and_never_as_paid() -> None:
    pill = str(state_pill("sale", "<odd>", "fr"))
    assert "good" not in pill
    assert "&lt;odd&gt;" in pill


def test_values_put_into_sentences_are_escaped() -> None:
    template = environment("fr").from_string('{{ _("Bonjour {name}", name=name) }}')
    assert template.render(name="<b>") == "Bonjour &lt;b&gt;"


def test_no_line_breaks_before_a_double_mark_or_inside_guillemets() -> None:
    sentence = "Prêt ? Oui : « 31 % » ; 5 €"
    made = environment("fr").from_string('{{ _(sentence, name="a : b") }}').render(sentence=sentence)
    assert made == "Prêt\u00a0? Oui\u00a0: «\u00a031\u00a0%\u00a0»\u00a0; 5\u00a0€"
    filled = environment("fr").from_string('{{ _("{name} ici", name="a : b") }}').render()
    assert filled == "a : b ici", "what somebody wrote stays as they wrote it"
