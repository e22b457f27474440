"""The devices that a pool remembers for one user. Blocking; safe on any thread; raises AppError only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.aws.sending import sent_once
from app.aws.translate import translated
from app.directory.records import moment
from app.errors import invalid

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PAGE_LIMIT: Final = 60
_MOST_PAGES: Final = 50  # 3,000 devices: beyond that the pages go round in a circle


@dataclass(frozen=True, slots=True)
class Device:
    """One device. A remembered one may stand for a second factor; `remembered` None: Cognito does not tell."""

    key: str
    name: str
    remembered: bool | None
    last_ip: str
    created: datetime | None
    last_used: datetime | None


class Devices:
    """The devices of the users of the pool `pool_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def of(self, username: str) -> tuple[Device, ...]:
        """Every device of a user, last used first (AdminListDevices, 60 a page). AppError(POOL_SETTING)."""
        if not username:
            raise invalid("username", "The username is missing.")
        found: dict[str, Device] = {}
        more: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            with translated("AdminListDevices", username):
                answer = self._client.admin_list_devices(
                    UserPoolId=self._pool, Username=username, Limit=PAGE_LIMIT, **more
                )
            for record in answer.get("Devices") or ():
                device = _read(record)
                found[device.key] = device
            token = answer.get("PaginationToken")
            if not token or token == more.get("PaginationToken"):
                break
            more["PaginationToken"] = token
        oldest = -1.0
        return tuple(
            sorted(found.values(), key=lambda d: -(d.last_used.timestamp() if d.last_used is not None else oldest))
        )

    def forget(self, username: str, key: str) -> None:
        """Forget a device, so that it no longer stands for a second factor (AdminForgetDevice). AppError(GONE)."""
        sent_once(
            "AdminForgetDevice",
            username,
            lambda: self._client.admin_forget_device(UserPoolId=self._pool, Username=username, DeviceKey=key),
            lambda: self._find(username, key) is None,
        )

    def remember(self, username: str, key: str, *, remembered: bool) -> None:
        """Let a device stand for a second factor, or no longer (AdminUpdateDeviceStatus). AppError(GONE)."""
        sent_once(
            "AdminUpdateDeviceStatus",
            username,
            lambda: self._client.admin_update_device_status(
                UserPoolId=self._pool,
                Username=username,
                DeviceKey=key,
                DeviceRememberedStatus="remembered" if remembered else "not_remembered",
            ),
            lambda: (device := self._find(username, key)) is not None and device.remembered is remembered,
        )

    def _find(self, username: str, key: str) -> Device | None:
        return next((device for device in self.of(username) if device.key == key), None)


def _read(record: Mapping[str, Any]) -> Device:
    told = {pair["Name"]: pair.get("Value") or "" for pair in record.get("DeviceAttributes") or ()}
    status = told.get("dev:device_remembered_status")
    return Device(
        key=record["DeviceKey"],
        name=told.get("device_name", ""),
        remembered=None if not status else status == "remembered",
        last_ip=told.get("last_ip_used", ""),
        created=moment(record.get("DeviceCreateDate")),
        last_used=moment(record.get("DeviceLastAuthenticatedDate")),
    )
