"""Objects of the client API (`app/Transformers/Api/Client`)."""
from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from portal.demo.activity import has_additional_metadata, shown_properties
from portal.demo.clock import iso
from portal.demo.envelopes import JSON, NULL_RESOURCE, item, listing
from portal.demo.includes import Includes
from portal.demo.permissions import can
from portal.demo.startup import startup_command
from portal.demo.world import ActivityLog, Allocation, ApiKey, Egg, EggVariable, Server, SshKey, Subuser, User, World


def server_object(server: Server, viewer: User, world: World, includes: Includes) -> JSON:
    relationships = {
        "allocations": _allocations(server, viewer, world),
        "variables": _variables(server, viewer),
    }
    if "egg" in includes:
        relationships["egg"] = egg_object(server.egg)
    if "subusers" in includes:
        relationships["subusers"] = _subusers(server, viewer)
    return item("server", {**_server_attributes(server, viewer), "relationships": relationships})


def _server_attributes(server: Server, viewer: User) -> JSON:
    node = server.node
    return {
        "server_owner": server.owner is viewer,
        "identifier": server.identifier,
        "internal_id": server.id,
        "uuid": server.uuid,
        "name": server.name,
        "node": node.name,
        "is_node_under_maintenance": node.maintenance_mode,
        "sftp_details": {"ip": node.fqdn, "port": node.daemon_sftp},
        "description": server.description,
        "limits": asdict(server.limits),
        "invocation": startup_command(server, hides_all_values=not can(viewer, "startup.read", server)),
        "docker_image": server.image,
        "egg_features": server.egg.features,
        "feature_limits": asdict(server.feature_limits),
        "status": server.status,
        "is_suspended": server.is_suspended,
        "is_installing": not server.is_installed,
        "is_transferring": server.is_transferring,
    }


def _allocations(server: Server, viewer: User, world: World) -> JSON:
    if can(viewer, "allocation.read", server):
        return listing([allocation_object(allocation) for allocation in world.allocations_of(server)])
    primary = allocation_object(server.allocation)
    primary["attributes"]["notes"] = None
    return listing([primary])


def _variables(server: Server, viewer: User) -> JSON:
    if not can(viewer, "startup.read", server):
        return NULL_RESOURCE
    return listing([variable_object(variable, server) for variable in server.egg.variables if variable.user_viewable])


def _subusers(server: Server, viewer: User) -> JSON:
    if not can(viewer, "user.read", server):
        return NULL_RESOURCE
    return listing([subuser_object(subuser) for subuser in server.subusers])


def allocation_object(allocation: Allocation) -> JSON:
    server = allocation.server
    return item("allocation", {
        "id": allocation.id,
        "ip": allocation.ip,
        "ip_alias": allocation.ip_alias,
        "port": allocation.port,
        "notes": allocation.notes,
        "is_default": server is not None and server.allocation is allocation,
    })


def variable_object(variable: EggVariable, server: Server) -> JSON:
    return item("egg_variable", {
        "name": variable.name,
        "description": variable.description,
        "env_variable": variable.env_variable,
        "default_value": variable.default_value,
        "server_value": server.server_values.get(variable.env_variable),
        "is_editable": variable.user_editable,
        "rules": variable.rules,
    })


def egg_object(egg: Egg) -> JSON:
    return item("egg", {"uuid": egg.uuid, "name": egg.name})


def subuser_object(subuser: Subuser) -> JSON:
    return item("server_subuser", {**_public_user(subuser.user), "permissions": subuser.shown_permissions})


def _public_user(user: User) -> JSON:
    gravatar = hashlib.md5(user.email.lower().encode(), usedforsecurity=False).hexdigest()
    return {
        "uuid": user.uuid,
        "username": user.username,
        "email": user.email,
        "image": f"https://gravatar.com/avatar/{gravatar}",
        "2fa_enabled": user.use_totp,
        "created_at": iso(user.created_at),
    }


def account_object(user: User) -> JSON:
    return item("user", {
        "id": user.id,
        "admin": user.root_admin,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
    })


def api_key_object(key: ApiKey) -> JSON:
    return item("api_key", {
        "identifier": key.identifier,
        "description": key.description,
        "allowed_ips": list(key.allowed_ips),
        "last_used_at": None if key.last_used_at is None else iso(key.last_used_at),
        "created_at": iso(key.created_at),
    })


def ssh_key_object(key: SshKey) -> JSON:
    return item("ssh_key", {
        "name": key.name,
        "fingerprint": key.fingerprint,
        "public_key": key.public_key,
        "created_at": iso(key.created_at),
    })


def stats_object(details: dict[str, Any]) -> JSON:
    """`details` as the daemon sent them; what is missing counts as 0."""
    used = details.get("utilization", {})
    network = used.get("network", {})
    return item("stats", {
        "current_state": details.get("state", "stopped"),
        "is_suspended": details.get("is_suspended", False),
        "resources": {
            "memory_bytes": used.get("memory_bytes", 0),
            "cpu_absolute": used.get("cpu_absolute", 0),
            "disk_bytes": used.get("disk_bytes", 0),
            "network_rx_bytes": network.get("rx_bytes", 0),
            "network_tx_bytes": network.get("tx_bytes", 0),
            "uptime": used.get("uptime", 0),
        },
    })


def activity_log_object(entry: ActivityLog, viewer: User, includes: Includes) -> JSON:
    attributes: JSON = {
        "id": hashlib.sha1(str(entry.id).encode(), usedforsecurity=False).hexdigest(),
        "batch": None,
        "event": entry.event,
        "is_api": entry.is_api,
        "ip": entry.ip if viewer.root_admin or entry.actor is viewer else None,
        "description": None,
        "properties": shown_properties(entry, viewer),
        "has_additional_metadata": has_additional_metadata(entry),
        "timestamp": iso(entry.timestamp),
    }
    if "actor" in includes:
        actor = NULL_RESOURCE if entry.actor is None else item("user", _public_user(entry.actor))
        attributes["relationships"] = {"actor": actor}
    return item("activity_log", attributes)
