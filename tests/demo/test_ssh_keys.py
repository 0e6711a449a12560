from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from portal.demo import Demo
from tests.demo.conftest import Asker, says

KEYS = "/api/client/account/ssh-keys"
REMOVE = f"{KEYS}/remove"
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
LINE = ED25519.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
INVALID = "The public key provided is not valid."


def failures(ask: Asker, body: dict[str, object]) -> list[tuple[str, str, str]]:
    response = ask.post("kim", KEYS, body)
    assert response.status_code == 422
    assert response.json is not None
    return [(error["meta"]["source_field"], error["meta"]["rule"], error["detail"])
            for error in response.json["errors"]]


def test_a_key_comes_back_as_pem_with_its_fingerprint(ask: Asker, demo: Demo) -> None:
    response = ask.post("kim", KEYS, {"name": "laptop", "public_key": f"{LINE} kim@home"})
    assert response.json is not None
    shown = response.json["attributes"]
    wire = base64.b64decode(LINE.split()[1])
    assert shown["fingerprint"] == base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")
    assert shown["public_key"].startswith("-----BEGIN PUBLIC KEY-----\r\nMCow")
    assert shown["public_key"].endswith("\r\n-----END PUBLIC KEY-----")
    assert "kim@home" not in shown["public_key"]
    assert response.json["object"] == "ssh_key"
    assert ask.get("kim", KEYS).json == {"object": "list", "data": [response.json]}
    assert ask.get("lee", KEYS).json == {"object": "list", "data": []}
    assert demo.world.activity_logs[-1].properties == {"fingerprint": shown["fingerprint"]}


@pytest.mark.parametrize("key", [
    ec.derive_private_key(7, ec.SECP256R1()).public_key(),
    rsa.generate_private_key(65537, 2048).public_key(),
])
@pytest.mark.parametrize(("encoding", "form"), [
    (Encoding.OpenSSH, PublicFormat.OpenSSH), (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)])
def test_other_kinds_and_forms(ask: Asker, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, encoding: Encoding,
                               form: PublicFormat) -> None:
    text = key.public_bytes(encoding, form).decode()
    response = ask.post("kim", KEYS, {"name": "x", "public_key": text})
    assert response.json is not None
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert response.json["attributes"]["public_key"] == pem.strip().replace("\n", "\r\n")


def test_the_form_with_headers(ask: Asker) -> None:
    text = f"---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"mine\"\n{LINE.split()[1]}\n---- END SSH2 PUBLIC KEY ----"
    assert ask.post("kim", KEYS, {"name": "x", "public_key": text}).status_code == 200


@pytest.mark.parametrize("text", [
    "nonsense", "ssh-ed25519 AAAA", "ssh-ed25519", "-----BEGIN PUBLIC KEY-----\r\nAAAA\r\n-----END PUBLIC KEY-----",
    ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
])
def test_what_is_no_public_key(ask: Asker, text: str) -> None:
    assert failures(ask, {"name": "x", "public_key": text}) == [("public_key", "", INVALID)]


def test_rules_and_the_look_at_the_key_are_told_together(ask: Asker) -> None:
    assert failures(ask, {}) == [
        ("name", "required", "The name field is required."),
        ("public_key", "required", "The public key field is required."), ("public_key", "", INVALID)]
    assert failures(ask, {"name": 5, "public_key": 5}) == [
        ("name", "string", "The name must be a string."),
        ("public_key", "string", "The public key must be a string."), ("public_key", "", INVALID)]
    assert says(ask.post("kim", KEYS, {"name": "x", "public_key": [LINE]}))[:2] == (500, "TypeError")


def test_dsa_keys_short_rsa_keys_and_duplicates(ask: Asker) -> None:
    dsa = base64.b64encode(b"\0\0\0\7ssh-dss" + bytes(40)).decode()
    assert failures(ask, {"name": "x", "public_key": f"ssh-dss {dsa} old"})[0][2] == "DSA keys are not supported."
    short = rsa.generate_private_key(65537, 1024).public_key().public_bytes(  # noqa: S505 - to be refused
        Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert failures(ask, {"name": "x", "public_key": short}) == [
        ("public_key", "", "RSA keys must be at least 2048 bytes in length.")]
    assert ask.post("kim", KEYS, {"name": "x", "public_key": LINE}).status_code == 200
    assert failures(ask, {"name": "y", "public_key": LINE}) == [
        ("public_key", "", "The public key provided already exists on your account.")]
    assert ask.post("lee", KEYS, {"name": "x", "public_key": LINE}).status_code == 200


def test_a_long_name_is_whole_in_the_answer_and_cut_afterwards(ask: Asker) -> None:
    response = ask.post("kim", KEYS, {"name": "n" * 200, "public_key": LINE})
    assert response.json is not None
    assert len(response.json["attributes"]["name"]) == 200
    listed = ask.get("kim", KEYS).json
    assert listed is not None
    assert len(listed["data"][0]["attributes"]["name"]) == 191


def test_removing_answers_the_same_whether_there_is_such_a_key_or_not(ask: Asker, demo: Demo) -> None:
    created = ask.post("kim", KEYS, {"name": "x", "public_key": LINE}).json
    assert created is not None
    fingerprint = created["attributes"]["fingerprint"]
    assert ask.post("lee", REMOVE, {"fingerprint": fingerprint}).status_code == 204
    assert len(demo.world.ssh_keys) == 1
    assert [ask.post("kim", REMOVE, {"fingerprint": fingerprint}).status_code for _ in range(2)] == [204, 204]
    assert demo.world.ssh_keys == []
    assert [entry.event for entry in demo.world.activity_logs].count("user:ssh-key.delete") == 1
    assert says(ask.post("kim", REMOVE)) == (422, "ValidationException", "The fingerprint field is required.")
    assert says(ask("kim", "DELETE", f"{KEYS}/{fingerprint[:4]}"))[1] in ("NotFoundHttpException",)
    assert ask.post("kim", KEYS, {"name": "x", "public_key": LINE}).status_code == 200
