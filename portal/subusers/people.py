"""Who a subuser is to the panel: its number of them, which never changes for a uuid, and their address and name."""

from __future__ import annotations

from typing import cast

from flask import current_app

from portal.auth.service import PanelUser
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.service import Asker
from portal.panel import settings
from portal.pterodactyl import errors
from portal.pterodactyl.models import Subuser
from portal.unfit import Unfit
from portal.web.i18n import _

MOST_KEPT = 5000


class Oneself(Unfit):
    """Nobody views, changes or removes themselves."""


def find(uuid: str, asker: Asker = "page", *, who: str | None = None) -> PanelUser | None:
    """The panel user of a uuid, asked with the portal's own key; None when there is none. One panel call.

    Raises the library's errors.
    """
    try:
        with credentials.as_portal(asker, who=who) as api:
            found = api.users.list(filters={"uuid": uuid}, per_page=5)
    except errors.NotAllowed as error:  # that is said to the portal's own key, not to a person
        raise errors.BadAnswer("the application key may not read users", request=error.request) from error
    exact = next((one for one in found.items if one.uuid == uuid), None)
    if exact is None:
        return None
    person = PanelUser(exact.id, exact.username, exact.email)
    kept = _kept()
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[uuid] = person
    return person


def known(uuid: str) -> PanelUser | None:
    """The same if this process has met them; the number is sure, address and name may be older."""
    return _kept().get(uuid)


def another(viewer: Viewer, uuid: str) -> PanelUser | None:
    """The panel user of a uuid, who must not be the viewer (Oneself).

    None when it is not known who they are: that is no harm where everybody acts with their own key, since the panel is
    a guard too. Raises the library's errors where the service key is in use, for the viewer or for them.
    """
    person = known(uuid)
    if person is None:
        try:
            person = find(uuid, who=str(viewer.account_id))
        except errors.PanelError:
            if settings().use_service_key:
                raise
    if person is not None and person.id == viewer.panel_user_id:
        raise oneself()
    return person


def is_viewer(viewer: Viewer, subuser: Subuser) -> bool:
    """Whether a subuser is the viewer, without a panel call: by number if this process knows it, else by name."""
    person = known(subuser.uuid)
    if person is not None:
        return person.id == viewer.panel_user_id
    return viewer.panel_username is not None and subuser.username.casefold() == viewer.panel_username.casefold()


def oneself() -> Oneself:
    """The refusal."""
    return Oneself(_("This is you. Nobody can change or remove their own access: ask the owner of this server."))


def _kept() -> dict[str, PanelUser]:
    return cast(dict[str, PanelUser], current_app.extensions.setdefault("roost_panel_people", {}))
