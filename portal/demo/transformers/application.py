"""Attributes of the objects of the application API (`app/Transformers/Api/Application`)."""
from __future__ import annotations

from dataclasses import asdict

from portal.demo.clock import iso, iso_micro
from portal.demo.envelopes import JSON
from portal.demo.errors import crashed
from portal.demo.world import (
    Allocation,
    Database,
    DatabaseHost,
    Egg,
    EggVariable,
    Location,
    Nest,
    Node,
    Server,
    Subuser,
    User,
    World,
)


def user_attributes(user: User) -> JSON:
    return {
        "id": user.id,
        "external_id": user.external_id,
        "uuid": user.uuid,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
        "root_admin": user.root_admin,
        "2fa": user.use_totp,
        "created_at": iso(user.created_at),
        "updated_at": iso(user.updated_at),
    }


def server_attributes(server: Server) -> JSON:
    return {
        "id": server.id,
        "external_id": server.external_id,
        "uuid": server.uuid,
        "identifier": server.identifier,
        "name": server.name,
        "description": server.description,
        "status": server.status,
        "suspended": server.is_suspended,
        "limits": asdict(server.limits),
        "feature_limits": asdict(server.feature_limits),
        "user": server.owner.id,
        "node": server.node.id,
        "allocation": server.allocation.id,
        "nest": server.egg.nest.id,
        "egg": server.egg.id,
        "container": {
            "startup_command": server.startup,
            "image": server.image,
            "installed": int(server.is_installed),
            "environment": _environment(server),
        },
        "updated_at": iso(server.updated_at),
        "created_at": iso(server.created_at),
    }


def _environment(server: Server) -> JSON:
    return {
        **{variable.env_variable: server.value_of(variable) for variable in server.egg.variables},
        "STARTUP": server.startup,
        "P_SERVER_LOCATION": server.node.location.short,
        "P_SERVER_UUID": server.uuid,
        "P_SERVER_ALLOCATION_LIMIT": server.feature_limits.allocations,
    }


def allocation_attributes(allocation: Allocation) -> JSON:
    return {
        "id": allocation.id,
        "ip": allocation.ip,
        "alias": allocation.ip_alias,
        "port": allocation.port,
        "notes": allocation.notes,
        "assigned": allocation.server is not None,
    }


def subuser_attributes(subuser: Subuser) -> JSON:
    return {
        "id": subuser.id,
        "user_id": subuser.user.id,
        "server_id": subuser.server.id,
        "permissions": subuser.shown_permissions,
        "created_at": iso(subuser.created_at),
        "updated_at": iso(subuser.updated_at),
    }


def database_attributes(database: Database) -> JSON:
    return {
        "id": database.id,
        "server": database.server.id,
        "host": database.host.id,
        "database": database.database,
        "username": database.username,
        "remote": database.remote,
        "max_connections": database.max_connections,
        "created_at": iso(database.created_at),
        "updated_at": iso(database.updated_at),
    }


def database_host_attributes(host: DatabaseHost) -> JSON:
    return {
        "id": host.id,
        "name": host.name,
        "host": host.host,
        "port": host.port,
        "username": host.username,
        "node": None if host.node is None else host.node.id,
        "created_at": iso(host.created_at),
        "updated_at": iso(host.updated_at),
    }


def nest_attributes(nest: Nest) -> JSON:
    return {
        "id": nest.id,
        "uuid": nest.uuid,
        "author": nest.author,
        "name": nest.name,
        "description": nest.description,
        "created_at": iso(nest.created_at),
        "updated_at": iso(nest.updated_at),
    }


def egg_attributes(egg: Egg) -> JSON:
    if egg.config_files is None:
        raise crashed("JsonException")
    return {
        "id": egg.id,
        "uuid": egg.uuid,
        "name": egg.name,
        "nest": egg.nest.id,
        "author": egg.author,
        "description": egg.description,
        "docker_image": next(iter(egg.docker_images.values()), ""),
        "docker_images": dict(egg.docker_images) or [],
        "config": {"files": egg.config_files, "startup": egg.config_startup, "stop": egg.config_stop,
                   "logs": egg.config_logs or [], "file_denylist": list(egg.file_denylist),
                   "extends": None if egg.config_from is None else egg.config_from.id},
        "startup": egg.startup,
        "script": {"privileged": True, "install": egg.script_install, "entry": egg.script_entry,
                   "container": egg.script_container,
                   "extends": None if egg.copy_script_from is None else egg.copy_script_from.id},
        "created_at": iso(egg.created_at),
        "updated_at": iso(egg.updated_at),
    }


def inherited_config(egg: Egg, parent: Egg) -> JSON:
    return {
        "files": parent.config_files if egg.config_files is None else egg.config_files,
        "startup": egg.config_startup or parent.config_startup,
        "stop": egg.config_stop or parent.config_stop,
        "logs": egg.config_logs or parent.config_logs or [],
    }


def inherited_script(egg: Egg, parent: Egg) -> JSON:
    return {
        "privileged": True,
        "install": egg.script_install or parent.script_install,
        "entry": egg.script_entry or parent.script_entry,
        "container": egg.script_container or parent.script_container,
    }


def egg_variable_attributes(variable: EggVariable, egg: Egg) -> JSON:
    return {
        "id": variable.id,
        "egg_id": egg.id,
        "name": variable.name,
        "description": variable.description,
        "env_variable": variable.env_variable,
        "default_value": variable.default_value,
        "user_viewable": variable.user_viewable,
        "user_editable": variable.user_editable,
        "rules": variable.rules,
        "created_at": iso_micro(egg.created_at),
        "updated_at": iso_micro(egg.updated_at),
    }


def location_attributes(location: Location) -> JSON:
    return {
        "id": location.id,
        "short": location.short,
        "long": location.long,
        "updated_at": iso(location.updated_at),
        "created_at": iso(location.created_at),
    }


def node_attributes(node: Node, world: World) -> JSON:
    return {
        "id": node.id,
        "uuid": node.uuid,
        "public": node.public,
        "name": node.name,
        "description": node.description,
        "location_id": node.location.id,
        "fqdn": node.fqdn,
        "scheme": node.scheme,
        "behind_proxy": node.behind_proxy,
        "maintenance_mode": node.maintenance_mode,
        "memory": node.memory,
        "memory_overallocate": node.memory_overallocate,
        "disk": node.disk,
        "disk_overallocate": node.disk_overallocate,
        "upload_size": node.upload_size,
        "daemon_listen": node.daemon_listen,
        "daemon_sftp": node.daemon_sftp,
        "daemon_base": node.daemon_base,
        "created_at": iso(node.created_at),
        "updated_at": iso(node.updated_at),
        "allocated_resources": world.allocated_resources_of(node),
    }


def node_configuration(node: Node, remote: str) -> JSON:
    """What stands in the node's `config.yml` as far as the panel knows it, its token in clear; no item."""
    certificates = f"/etc/letsencrypt/live/{node.fqdn.lower()}"
    return {
        "debug": False,
        "uuid": node.uuid,
        "token_id": node.daemon_token_id,
        "token": node.daemon_token,
        "api": {
            "host": "0.0.0.0",  # noqa: S104 - what it says, nothing listens here
            "port": node.daemon_listen,
            "ssl": {"enabled": not node.behind_proxy and node.scheme == "https",
                    "cert": f"{certificates}/fullchain.pem", "key": f"{certificates}/privkey.pem"},
            "upload_limit": node.upload_size,
        },
        "system": {"data": node.daemon_base, "sftp": {"bind_port": node.daemon_sftp}},
        "allowed_mounts": [],
        "remote": remote,
    }
