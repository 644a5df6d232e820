"""A broker that lets in only whom it knows: TLS, SCRAM and ACLs on one listener; the test's own way in beside it."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streams.kafka.broker import DevelopmentBroker, _free_port
from streams.kafka.grants import Grant

ANSWER_S = 10.0
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def openssl(*arguments: object, folder: Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


class Authority:
    """Signs certificates, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.certificate = folder / "ca.pem"
        new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=an authority")
        openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", folder=folder)

    def signed(self, name: str, password: str | None = None) -> tuple[Path, Path]:
        """A certificate for 127.0.0.1 and its key, which a password may lock."""
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        locked = ("-nodes",) if password is None else ("-passout", f"pass:{password}")
        request = ("req", "-newkey", "rsa:2048", *locked, "-subj", f"/CN={name}", "-keyout", files[1].name)
        openssl(*request, "-addext", "subjectAltName=IP:127.0.0.1", "-out", "request.pem", folder=self.folder)
        sign = ("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        openssl(*sign, "-days", "2", "-copy_extensions", "copy", "-out", files[0].name, folder=self.folder)
        return files


class SecuredBroker:
    """Within it, `secured` is the listener that asks who you are; `bootstrap_servers` lets the test in as an admin."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self.authority = Authority(folder / "authority")
        self.folder = folder

    def __enter__(self) -> Self:
        plain, secured, controller = _free_port(), _free_port(), _free_port()
        self.secured = f"127.0.0.1:{secured}"
        listeners = f"PLAINTEXT://127.0.0.1:{plain},SECURED://127.0.0.1:{secured}"
        properties = {
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": listeners,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.secured.scram-sha-512.sasl.jaas.config": SCRAM,
            "listener.name.secured.connections.max.reauth.ms": "5000",  # so long may a password be wrong unseen
            "listener.name.secured.ssl.keystore.type": "PEM",
            "listener.name.secured.ssl.keystore.location": str(self._keystore()),
            "listener.name.secured.ssl.truststore.type": "PEM",
            "listener.name.secured.ssl.truststore.location": str(self.authority.certificate),
            "listener.name.secured.ssl.client.auth": "requested",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",  # whoever comes by the plain listener: the test, and the broker itself
        }
        broker = DevelopmentBroker(short_lived=True, port=plain, properties=properties)
        self.bootstrap_servers = self._stack.enter_context(broker).bootstrap_servers
        self.admin = AdminClient({"bootstrap.servers": self.bootstrap_servers})
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _keystore(self) -> Path:
        certificate, key = self.authority.signed("broker")
        keystore = self.folder / "broker.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        return keystore

    def add_user(self, name: str, password: str) -> None:
        given = UserScramCredentialUpsertion(
            name, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password.encode(), os.urandom(16)
        )
        for done in self.admin.alter_user_scram_credentials([given]).values():
            done.result(ANSWER_S)

    def grant(self, user: str, grants: Iterable[Grant]) -> None:
        for done in self.admin.create_acls([_binding(user, grant) for grant in grants]).values():
            done.result(ANSWER_S)

    def revoke(self, user: str, grants: Iterable[Grant]) -> None:
        wanted = [_binding(user, grant) for grant in grants]
        filters = [AclBindingFilter(*(getattr(one, name) for name in PARTS)) for one in wanted]
        for done in self.admin.delete_acls(filters).values():
            assert len(done.result(ANSWER_S)) == 1

    def settings(self, user: str, password: str) -> Mapping[str, str]:
        """What a worker needs to come in as this user."""
        return {
            "JOURNEY_BOOTSTRAP_SERVERS": self.secured,
            "JOURNEY_SECURITY_PROTOCOL": "SASL_SSL",
            "JOURNEY_SASL_USERNAME": user,
            "JOURNEY_SASL_PASSWORD": password,
            "JOURNEY_SSL_CA_LOCATION": str(self.authority.certificate),
        }


PARTS = ("restype", "name", "resource_pattern_type", "principal", "host", "operation", "permission_type")


def _binding(user: str, grant: Grant) -> AclBinding:
    return AclBinding(
        ResourceType[grant.resource],
        grant.name,
        ResourcePatternType.PREFIXED if grant.prefixed else ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation[grant.operation],
        AclPermissionType.ALLOW,
    )
