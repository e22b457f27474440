"""Support at the enrolment window of a real demo, and a phone that scans what is on the screen."""

from __future__ import annotations

import time
from typing import Any

import zxingcpp
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.auth import totp
from app.auth.totp import OtpAuth
from app.demo.cognito import ACCESS_KEY_ID, CLIENT_ID, SECRET_ACCESS_KEY, SMS_MFA
from app.desk import Desk
from app.directory.models import User
from app.settings import DeskRules, Settings
from tests.ui import words
from ui.context import Context, Toast
from ui.dialogs.enrolment.window import EnrolmentDialog
from ui.jobs import JobRunner

PASSWORD = "Lantern-Quay-4821"
OWN = "Mooring-Buoy-7730"


class Support:
    """A new support person, who reads what is on the screen and presses what it says."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk, settings: Settings) -> None:
        import boto3

        self.qtbot = qtbot
        self.desk = desk
        self.settings = settings
        self.context = Context(runner, settings, desk)
        self.home = QWidget()
        qtbot.addWidget(self.home)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.aws: Any = boto3.client(
            "cognito-idp",
            region_name=desk.connection.region,
            endpoint_url=desk.connection.endpoint,
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
        )

    def require_mfa(self, mode: str) -> None:
        """The pool's MFA mode."""
        self.aws.set_user_pool_mfa_config(
            UserPoolId=self.desk.connection.pool_id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            SmsMfaConfiguration=SMS_MFA,
            MfaConfiguration=mode,
        )

    def caller(self, email: str) -> User:
        """Somebody with PASSWORD who calls."""
        pool = self.desk.connection.pool_id
        made = self.aws.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )
        name = made["User"]["Username"]
        self.aws.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
        (user,) = self.desk.enrolments.find(email)
        return user

    def house(self, **rules: Any) -> None:
        """Other house rules."""
        self.settings.save_preferences(self.settings.preferences._replace(desk=DeskRules(**rules)))

    def open(self, user: User, *, lost: bool = False) -> EnrolmentDialog:
        """The window, looked at."""
        window = EnrolmentDialog(self.context, user, self.home, lost=lost)
        window.open()
        self.qtbot.waitExposed(window)
        self.settle()
        return window

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.context.runner.busy, timeout=20_000)
        words.turn(20)

    def press(self, window: QWidget, text: str) -> None:
        """Press, and wait for what comes of it."""
        words.press(window, text)
        self.settle()

    def done(self, window: QWidget) -> None:
        """The end: a temporary password is looked at before."""
        if words.pressable(window, "Show"):
            self.press(window, "Show")
        self.press(window, "Done")
        assert gone(window)

    def begin(self, window: EnrolmentDialog, start: str = "Set a random password...") -> None:
        """Past the first page."""
        words.press(window, start)
        words.press(window, "I have made sure who is calling")
        self.press(window, "Begin")

    def first_answer(self, user: User, password: str) -> Any:
        """What Cognito says to the person's own sign-in."""
        return self.aws.initiate_auth(
            ClientId=CLIENT_ID,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.username, "PASSWORD": password},
        )

    def respond(self, user: User, asked: Any, **responses: str) -> Any:
        """The person's answer to a challenge."""
        return self.aws.respond_to_auth_challenge(
            ClientId=CLIENT_ID,
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": user.username, **responses},
        )

    def signs_in(self, user: User, password: str, otp: OtpAuth) -> bool:
        """Whether the person gets in with the password and the next code of the app, asked for by Cognito."""
        asked = self.first_answer(user, password)
        if asked.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            asked = self.respond(user, asked, NEW_PASSWORD=OWN)
        if asked.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
            return False
        answer = self.respond(user, asked, SOFTWARE_TOKEN_MFA_CODE=code(otp, 30))
        return bool(answer.get("AuthenticationResult"))


def gone(window: QWidget) -> bool:
    """Whether the window has closed."""
    return not isValid(window) or not window.isVisible()


def scanned(shown: QWidget) -> OtpAuth | None:
    """What a phone's camera reads off the screen; None where it sees no code."""
    picture = shown.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = memoryview(picture.constBits()).cast("B", (picture.height(), picture.bytesPerLine()))
    found = zxingcpp.read_barcodes(pixels)
    return totp.parse(found[0].text) if found else None


def code(otp: OtpAuth, ahead: float = 0.0) -> str:
    """What the app shows, `ahead` seconds from now."""
    return totp.code(otp, time.time() + ahead)
