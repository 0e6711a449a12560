"""The forms of the dialogs and pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)  # fmt: skip
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal import mode
from portal.pterodactyl import errors
from portal.pterodactyl.models import Cron, Task, TaskAction
from portal.schedules import presets, words
from portal.schedules.cron import FIELDS
from portal.schedules.exchange import LONGEST, LONGEST_PAYLOAD
from portal.schedules.models import ACTIONS, LONGEST_OFFSET_S, SIGNALS, Plan, Shown, TaskPlan, line_of
from portal.schedules.reckoning import reckoned
from portal.schedules.zone import named
from portal.unfit import Unfit
from portal.web import resume
from portal.web.fields import stripped
from portal.web.i18n import _
from portal.web.text import has_surrogates

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "maxlength": str(LONGEST)}


def _sendable(_form: FlaskForm, field: Field) -> None:
    if has_surrogates(field.data or ""):
        raise ValidationError(_("This text has a letter that cannot be kept."))


def _cron_field(label: str) -> StringField:
    checks = [DataRequired(_l("Enter this field; * stands for any.")), Length(max=LONGEST), _sendable]
    return StringField(label, filters=[stripped], validators=checks, render_kw=_PLAIN)


class ScheduleForm(FlaskForm):  # type: ignore[misc]
    """A schedule. What fills the five fields in (`rhythm` and so on) is not a part of it."""

    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[
            DataRequired(_l("Enter a name.")),
            Length(max=LONGEST, message=_l("A name has at most 191 letters.")),
            _sendable,
        ],
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST)},
    )
    minute = _cron_field(_l("Minute"))
    hour = _cron_field(_l("Hour"))
    day_of_month = _cron_field(_l("Day of month"))
    month = _cron_field(_l("Month"))
    day_of_week = _cron_field(_l("Day of week"))
    is_active = BooleanField(_l("Switched on"), default=True)
    only_when_online = BooleanField(_l("Only when the server is online"))
    ignored = TextAreaField(
        _l("What the backup leaves out"), filters=[stripped], validators=[Length(max=LONGEST_PAYLOAD), _sendable]
    )
    seen = HiddenField()
    zone = HiddenField()

    @property
    def cron(self) -> Cron:
        """The five fields."""
        return Cron(**{name: str(self[name].data or "").strip() for name in FIELDS})

    @cron.setter
    def cron(self, cron: Cron) -> None:
        for name in FIELDS:
            self[name].data = getattr(cron, name)

    def plan(self, preset: str = "") -> Plan:
        """What was entered."""
        tasks = (TaskPlan("backup", str(self.ignored.data or "").replace("\r\n", "\n")),)
        return Plan(
            str(self.name.data),
            self.cron,
            bool(self.is_active.data),
            bool(self.only_when_online.data),
            tasks if preset == presets.NIGHTLY else (),
        )


class TaskForm(FlaskForm):  # type: ignore[misc]
    """A task. Of command, signal and ignored only the one that the action takes counts."""

    action = SelectField(_l("What it does"), choices=[])
    command = StringField(
        _l("Command"), filters=[stripped], validators=[Length(max=LONGEST_PAYLOAD), _sendable], render_kw=_PLAIN
    )
    signal = SelectField(_l("Power signal"), choices=[])
    ignored = TextAreaField(
        _l("What the backup leaves out"), filters=[stripped], validators=[Length(max=LONGEST_PAYLOAD), _sendable]
    )
    time_offset_s = IntegerField(
        _l("Seconds after the task before it"),
        default=0,
        validators=[
            InputRequired(_l("Enter a number of seconds; 0 is at once.")),
            NumberRange(0, LONGEST_OFFSET_S, _l("Enter a whole number from 0 to 900.")),
        ],
        render_kw={"inputmode": "numeric", "min": "0", "max": str(LONGEST_OFFSET_S)},
    )
    continue_on_failure = BooleanField(_l("Go on with the next task when this one fails"))
    seen = HiddenField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        names = {"command": _("Send a command"), "power": _("Send a power signal"), "backup": _("Create a backup")}
        self.action.choices = [(one, names[one]) for one in ACTIONS]
        signals = {"start": _("Start"), "stop": _("Stop"), "restart": _("Restart"), "kill": _("Kill")}
        self.signal.choices = [(one, signals[one]) for one in SIGNALS]
        self.signal.validators = [Optional()]

    def validate_command(self, field: Field) -> None:
        """Only where it counts."""
        if self.action.data == "command" and not field.data:
            raise ValidationError(_("Enter the command."))

    def show(self, task: Task, mark: str) -> None:
        """Fill in what a task is now."""
        self.action.data, self.seen.data = task.action, mark
        self.time_offset_s.data, self.continue_on_failure.data = task.time_offset_s, task.continue_on_failure
        part = {"command": self.command, "power": self.signal, "backup": self.ignored}.get(task.action)
        if part is not None:
            part.data = task.payload

    @property
    def plan(self) -> TaskPlan:
        """What was entered."""
        action = cast(TaskAction, self.action.data)
        lines = str(self.ignored.data or "").replace("\r\n", "\n")
        payload = {"command": self.command.data, "power": self.signal.data, "backup": lines}[action]
        offset_s, goes_on = int(self.time_offset_s.data or 0), bool(self.continue_on_failure.data)
        return TaskPlan(action, str(payload or ""), offset_s, goes_on)


class ImportForm(FlaskForm):  # type: ignore[misc]
    """A file, or what was in it once it was shown."""

    file = FileField(_l("File"))
    content = HiddenField()
    seen = HiddenField()


SCHEDULE_KEEPS = ("name", *FIELDS, "ignored", "seen")
TASK_KEEPS = ("action", "command", "signal", "ignored", "seen")
"""What comes back after a session that ended while it was typed; ticks would not."""


def put_back(form: FlaskForm) -> None:
    """Put what was typed before a session ended back into the form of this page."""
    for name, text in resume.typed(request.full_path.rstrip("?")).items():
        if name in form:
            form[name].data = text


def new_form(preset: str) -> ScheduleForm:
    """The editor of a new schedule."""
    form, plan = ScheduleForm(formdata=None), presets.nightly()
    form.cron = plan.cron
    if preset == presets.NIGHTLY:
        form.name.data = plan.name
    return form


def form_of(found: Shown) -> ScheduleForm:
    """The editor of a schedule, as it is now."""
    form, schedule = ScheduleForm(formdata=None), found.schedule
    form.name.data, form.cron = schedule.name, schedule.cron
    form.is_active.data, form.only_when_online.data = schedule.is_active, schedule.only_when_online
    form.seen.data, form.zone.data = found.mark, found.zone.name if found.zone.is_known else ""
    return form


def when(form: ScheduleForm) -> dict[str, Any]:
    """What the part of an editor takes that is about its time; `fill` asks for the fields of the chosen rhythm."""
    said = request.values
    rhythm = _chosen() or presets.rhythm_of(form.cron)
    cron = presets.filled(*rhythm)
    if (said.get("fill") or said.get("then") == "fill") and cron:
        form.cron = cron
    elif cron and cron != form.cron:  # the fields count, and they say something else by now
        rhythm = ("custom", *rhythm[1:])
    chosen = presets.filled(*rhythm)
    return {
        "form": form,
        "rhythm": rhythm,
        "was": line_of(chosen) if chosen else "",
        "rhythms": [(one, presets.rhythm_words(one)) for one in presets.RHYTHMS],
        "weekdays": words.weekdays(),
        "found": reckoned(form.cron, named(str(form.zone.data or ""), mode.zone().key)),
    }


def take_over(form: ScheduleForm) -> bool:
    """Fill the fields in where another rhythm was chosen and only they did not hear of it: without script nobody
    tells them until the form is sent. Whether that was so; it is shown before it counts."""
    sent = request.form
    rhythm = _chosen() if all(one in sent for one in ("rhythm", "at", "weekday", "day", "was")) else None
    cron = presets.filled(*rhythm) if rhythm else None
    if cron is None or line_of(cron) in (line_of(form.cron), sent["was"]):
        return False
    form.cron = cron
    return True


def _chosen() -> tuple[str, str, str, str] | None:
    """The rhythm that a form was sent with: its name, the time, the weekday and the day."""
    said = request.values
    if "rhythm" not in said:
        return None
    name = said["rhythm"] if said["rhythm"] in presets.RHYTHMS else "custom"
    return name, said.get("at", "04:00")[:8], said.get("weekday", "1")[:2], said.get("day", "1")[:3]


@contextmanager
def cron_refused(form: ScheduleForm) -> Iterator[None]:
    """Put the panel's sentence for a line that it does not take beside the field that is wrong."""
    try:
        yield
    except errors.Refused as error:
        found = reckoned(form.cron, named("", mode.zone().key))
        if error.detail != words.REFUSED or not found.wrong:
            raise
        raise Unfit(f"{error.detail} {found.wrong}", field=found.field or "minute") from error
