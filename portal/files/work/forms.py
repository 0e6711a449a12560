"""The form of a file that the node fetches from elsewhere."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from portal.files import paths
from portal.files.folders import Folder
from portal.files.showing import unseen_words, visible
from portal.files.work import pulling
from portal.files.work.jobs import Detail
from portal.web.i18n import _

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class PullForm(FlaskForm):  # type: ignore[misc]
    """Where from, and under which name; `replace` only says something where that name is taken (`is_taken`)."""

    url = StringField(
        _l("Web address of the file"),
        validators=[InputRequired(_l("Enter an address."))],
        render_kw=PLAIN | {"type": "url", "inputmode": "url", "maxlength": pulling.LONGEST_URL},
    )
    name = StringField(_l("Name"), render_kw=PLAIN | {"maxlength": paths.LONGEST_NAME})
    replace = BooleanField(_l("Replace what has that name"))
    is_taken = False

    def asked(self) -> Detail | None:
        """What to fetch; None with a sentence beside every field that is wrong."""
        address = ""
        if self.validate():
            try:
                address = pulling.checked_address(self.url.data or "")
            except pulling.BadAddress as wrong:
                self.url.errors = [str(wrong)]
        name = self._name(address) if address else ""
        return Detail((name,), url=address, replaces=bool(self.replace.data)) if name else None

    def may_replace(self, detail: Detail) -> bool:
        """Whether a file may be replaced that this person cannot see; else there is a sentence beside the name."""
        if not self.replace.data:
            self.name.data = detail.names[0]
            self.name.errors = [unseen_words()]
        return bool(self.replace.data)

    def fits(self, folder: Folder, detail: Detail) -> bool:
        """Whether the name is free, or may be replaced; else there is a sentence beside it."""
        name = detail.names[0]
        found = folder.find(name)
        if found is None or (self.replace.data and not found.is_folder):
            return True
        self.name.data = name
        self.is_taken = not found.is_folder
        if found.is_folder:
            self.name.errors = [_("There is a folder of that name: choose another one.")]
        else:
            self.name.errors = [_("There is a %(name)s already.", name=visible(name))]
        return False

    def _name(self, address: str) -> str:
        typed = (self.name.data or "").strip()
        if not typed:
            found = pulling.name_in(address)
            if not found:
                self.name.errors = [_("The address does not end in a name: choose one.")]
            return found
        try:
            return paths.new_name(typed)
        except paths.BadPath as wrong:
            self.name.errors = [str(wrong)]
            return ""
