"""Questions and forms: shown as a dialog, as a part of a page or as a page of their own, and what came of the act.

With script an act that was done tells its news and an event, on which the page reads itself again; without, it leads
back to the page, which tells the news. What was typed stays when nothing was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue

from portal.pterodactyl import errors
from portal.unfit import Unfit
from portal.web import htmx
from portal.web.errors import sentence
from portal.web.section import waiting

Tone = Literal["good", "warn", "bad"]


@dataclass(frozen=True)
class Question:
    """What is asked, or a form that stands in a page.

    `template` is the part that shows it; it extends `components/_question.html` or is a form of its own. It is told
    `context`, `form`, `message`, `tone`, `is_unknown`, `back`, and `heading`, which is h1 where it stands on a page of
    its own.
    `back` is where the page is that it belongs to, `title` what a page of its own is called.
    """

    template: str
    title: str
    back: str
    context: Mapping[str, Any] = field(default_factory=dict)
    form: Any = None


@dataclass(frozen=True)
class Done:
    """What was done, in a sentence. `event` rises on the page with `detail`; `to` is another page to go to than the
    question's own."""

    text: str
    event: str = ""
    tone: Tone = "good"
    detail: Mapping[str, str] = field(default_factory=dict)
    to: str = ""


def asked(
    question: Question, status: int = 200, message: str = "", tone: Tone = "bad", *, is_unknown: bool = False
) -> ResponseReturnValue:
    """The question, with what is wrong with the last answer to it; htmx swaps a refusal in only with 422.

    `is_unknown`: nobody knows whether it was done, so looking is offered before doing it again.
    """
    context = {**question.context, "form": question.form, "message": message, "tone": tone, "back": question.back,
               "is_unknown": is_unknown}  # fmt: skip
    if htmx.wants_fragment():
        return htmx.fragment(question.template, 200 if status == 200 else htmx.REFUSED, **context)
    page = render_template("components/question.html", part=question.template, title=question.title, **context)
    return make_response(page, status)


def act(
    question: Question, do: Callable[[], Done], *, fields: Mapping[str, str] | None = None, event: str = ""
) -> ResponseReturnValue:
    """Do it once the form is in order, and tell what came of it.

    `fields` leads from the panel's name of a field to the form's, where these differ. `event` rises when it is not
    known whether it was done, so that the page looks.
    """
    if question.form is not None and not question.form.validate():
        return asked(question, htmx.REFUSED)
    try:
        done = do()
    except Unfit as error:
        message = "" if _beside(question.form, error.field, str(error)) else str(error)
        return asked(question, htmx.REFUSED if error.field else 409, message)
    except errors.Invalid as error:
        return asked(question, htmx.REFUSED, misfits(question.form, error, fields or {}))
    except errors.OutcomeUnknown as error:
        answer = make_response(asked(question, *sentence(error), "warn", is_unknown=True))
        return htmx.event(answer, event) if event and htmx.wants_fragment() else answer
    except errors.Busy as error:
        answer = make_response(asked(question, *sentence(error)))
        return waiting(answer, max(1, round(error.retry_after_s)))
    except errors.PanelError as error:
        return asked(question, *sentence(error))
    return told(done, question.back)


def told(done: Done, back: str) -> ResponseReturnValue:
    """Tell what was done: as a notice of the page, or on the page that it leads back to."""
    if not htmx.wants_fragment():
        flash(done.text, done.tone)
        return redirect(done.to or back, 303)
    if done.to:
        flash(done.text, done.tone)
        return htmx.go_to(done.to)
    answer = htmx.notice("components/_told.html", 200, done=done)
    return htmx.event(answer, done.event, **done.detail) if done.event else answer


def misfits(form: Any, error: errors.Invalid, fields: Mapping[str, str]) -> str:
    """Put each of the panel's sentences (422) beside its field; gives back those that belong to none."""
    left = []
    for one in error.errors:
        name = fields.get(one.source_field) or fields.get(one.source_field.partition(".")[0]) or one.source_field
        if not _beside(form, name, one.detail):
            left.append(one.detail)
    return " ".join(left) if error.errors else error.detail


def _beside(form: Any, name: str, text: str) -> bool:
    if form is None or not name or name not in form:
        return False
    form[name].errors = (*form[name].errors, text)
    return True
