"""Devices, sessions and sign-in events: kept as Cognito keeps them, where the pool is set so, and told to its admin."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.demo.grants import Grants
from app.demo.habits import HERE, DeviceTrace, EventTrace, Habits
from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

T = TypeVar("T")
NO_THREAT_PROTECTION = "Advanced security is not enabled for the user pool."


@dataclass(slots=True)
class Device:
    """One device of an account."""

    key: str
    name: str
    remembered: bool
    ip: str
    created: datetime
    modified: datetime
    used: datetime

    def to_json(self) -> dict[str, object]:
        """DeviceType."""
        told = {
            "device_status": "valid",
            "device_name": self.name,
            "last_ip_used": self.ip,
            "dev:device_remembered_status": "remembered" if self.remembered else "not_remembered",
        }
        return {
            "DeviceKey": self.key,
            "DeviceAttributes": [{"Name": name, "Value": value} for name, value in told.items()],
            "DeviceCreateDate": self.created,
            "DeviceLastModifiedDate": self.modified,
            "DeviceLastAuthenticatedDate": self.used,
        }


def note(
    pool: DemoPool, account: Account, at: datetime, *, passed: bool, challenges: tuple[tuple[str, str], ...]
) -> None:
    """Keep that somebody tried to sign in just now, in a pool with threat protection."""
    if pool.threat_protection != "OFF":
        trace = EventTrace("SignIn", at, "Cognito Desk", HERE, "Pass" if passed else "Fail", challenges=challenges)
        account.events.insert(0, _event(trace))


def plant(pool: DemoPool, account: Account, habits: Habits, grants: Grants, client_id: str) -> None:
    """Give an account the habits of a demo person."""
    account.devices = {trace.key: _device(trace) for trace in habits.devices}
    account.events = [_event(trace) for trace in sorted(habits.events, key=lambda trace: trace.at, reverse=True)]
    origin = ""
    for trace in habits.sessions:
        id = grants.plant(pool, account, client_id, trace, origin if trace.through_sso else "")
        origin = id if trace.sso else origin


class Traces:
    """The operations on devices, sessions and events."""

    def __init__(self, backend: DemoBackend, grants: Grants, clock: Clock) -> None:
        self._backend = backend
        self._grants = grants
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {
            "AdminListDevices": self.devices,
            "AdminGetDevice": self.device,
            "AdminForgetDevice": self.forget,
            "AdminUpdateDeviceStatus": self.remember,
            "AdminListUserAuthEvents": self.events,
            "AdminListUserSessions": self.sessions,
            "AdminRevokeUserSession": self.revoke,
        }

    def devices(self, call: Call) -> Answer:
        """AdminListDevices."""
        account = self._owner(call)
        found = sorted(account.devices.values(), key=lambda device: device.key)
        shown, token = _page(found, call.limit(), call.option("PaginationToken"))
        answer: dict[str, object] = {"Devices": [device.to_json() for device in shown]}
        return {**answer, "PaginationToken": token} if token else answer

    def device(self, call: Call) -> Answer:
        """AdminGetDevice."""
        return {"Device": self._device(call)[1].to_json()}

    def forget(self, call: Call) -> Answer:
        """AdminForgetDevice."""
        account, device = self._device(call)
        del account.devices[device.key]
        return None

    def remember(self, call: Call) -> Answer:
        """AdminUpdateDeviceStatus."""
        device = self._device(call)[1]
        status = call.option("DeviceRememberedStatus")
        if status not in ("remembered", "not_remembered"):
            raise bad_parameter("1 validation error detected: Value at 'deviceRememberedStatus' is not in the enum")
        device.remembered, device.modified = status == "remembered", self._clock()
        return {}

    def events(self, call: Call) -> Answer:
        """AdminListUserAuthEvents."""
        pool, account = self._backend.user(call.text("UserPoolId"), call.text("Username"))
        if pool.threat_protection == "OFF":
            raise Refusal("UserPoolAddOnNotEnabledException", NO_THREAT_PROTECTION)
        shown, token = _page(account.events, call.limit("MaxResults"), call.option("NextToken"))
        answer: dict[str, object] = {"AuthEvents": shown}
        return {**answer, "NextToken": token} if token else answer

    def sessions(self, call: Call) -> Answer:
        """AdminListUserSessions."""
        pool, account = self._tracked(call)
        return {"Sessions": [grant.to_json() for grant in self._grants.sessions(pool, account)]}

    def revoke(self, call: Call) -> Answer:
        """AdminRevokeUserSession."""
        pool, account = self._tracked(call)
        wanted = call.text("SessionId")
        linked = call.option("RevokeAssociatedSessions") == "LINKED"
        if not self._grants.revoke_session(pool, account, wanted, linked=linked):
            raise Refusal("ResourceNotFoundException", "Session not found.")
        return {}

    def _tracked(self, call: Call) -> tuple[DemoPool, Account]:
        pool, account = self._backend.user(call.text("UserPoolId"), call.text("Username"))
        if pool.extended_config.get("UserPoolTier") == "LITE":
            raise Refusal("OperationNotEnabledException", "Session management is not available in the Lite tier.")
        return pool, account

    def _owner(self, call: Call) -> Account:
        pool = self._backend.pool(call.text("UserPoolId"))
        if pool.extended_config.get("DeviceConfiguration") is None:
            raise Refusal("InvalidUserPoolConfigurationException", "Device tracking is not enabled for the user pool.")
        account = pool.find(call.text("Username"))
        if account is None:
            raise Refusal("ResourceNotFoundException", "User does not exist.")
        return account

    def _device(self, call: Call) -> tuple[Account, Device]:
        account = self._owner(call)
        device = account.devices.get(call.text("DeviceKey"))
        if device is None:
            raise Refusal("ResourceNotFoundException", "Device does not exist.")
        return account, device


def _device(trace: DeviceTrace) -> Device:
    return Device(trace.key, trace.name, trace.remembered, trace.ip, trace.created, trace.created, trace.used)


def _event(trace: EventTrace) -> dict[str, object]:
    risk: dict[str, object] = {
        "RiskDecision": trace.decision,
        "CompromisedCredentialsDetected": trace.compromised,
    }
    if trace.level:
        risk["RiskLevel"] = trace.level
    context = {"IpAddress": trace.place.ip, "DeviceName": trace.device}
    context |= {name: value for name, value in (("City", trace.place.city), ("Country", trace.place.country)) if value}
    return {
        "EventId": str(uuid.uuid4()),
        "EventType": trace.kind,
        "CreationDate": trace.at,
        "EventResponse": trace.result,
        "EventRisk": risk,
        "ChallengeResponses": [{"ChallengeName": n, "ChallengeResponse": r} for n, r in trace.challenges],
        "EventContextData": context,
    }


def _page(rows: Iterable[T], limit: int, token: str | None) -> tuple[list[T], str | None]:
    everything = list(rows)
    start = 0
    if token:
        try:
            start = int(base64.urlsafe_b64decode(token))
        except ValueError as error:
            raise bad_parameter("Invalid pagination token.") from error
    end = start + limit
    more = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(everything) else None
    return everything[start:end], more
