"""Name, image and installation of a server."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.servers import read_server


class SettingsCalls(Group):
    """`/api/client/servers/{server}/settings`. All also raise ServerStateConflict and NotFound."""

    def rename(self, server: str, *, name: str, description: str | None = None) -> None:
        """Give a server a name of 1 to 191 characters; `description` None stays as it is, "" clears it.

        Raises Invalid, NotAllowed (no `settings.rename`).
        `POST /api/client/servers/{server}/settings/rename` (panel 1.11).
        """
        body = {"name": name} if description is None else {"name": name, "description": description}
        self._caller.write(server_route(server, "settings", "rename"), body)

    def update_description(self, server: str, *, description: str) -> None:
        """Change the description and keep the name, which is read first because the panel demands it.

        Errors as for `rename`. A name that somebody else gives between the two calls is lost.
        """
        name = read_server(self._caller.read(server_route(server))).name
        self.rename(server, name=name, description=description)

    def reinstall(self, server: str) -> None:
        """Run the installation again, over the files that are there; what of them is lost depends on the egg.

        Success means that it began. Raises NotAllowed (no `settings.reinstall`), NodeRefused, OutcomeUnknown.
        `POST /api/client/servers/{server}/settings/reinstall` (panel 1.11).
        """
        self._caller.accepted(server_route(server, "settings", "reinstall"))

    def update_docker_image(self, server: str, *, docker_image: str) -> None:
        """Choose one of the images of `Startup.docker_images`, for the next start.

        Raises Invalid (none of them), Refused (an administrator chose another one), NotAllowed (no
        `startup.docker-image`). `PUT /api/client/servers/{server}/settings/docker-image` (panel 1.11).
        """
        body = {"docker_image": docker_image}
        self._caller.write(server_route(server, "settings", "docker-image"), body, method="PUT")
