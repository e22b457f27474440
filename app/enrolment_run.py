"""One running enrolment: the steps in the person's own session, each written down before and after it is taken.

Secrets (passwords, tokens, the authenticator's key) live in this object alone, and only until `forget`. Blocking; on
any thread, one call at a time; raises AppError only. `stage` says what is asked of the person next. After `stop` no
step begins any more, and whoever is in the middle of one ends the session on the way out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from app import mirror_requests
from app.auth import stages, totp
from app.auth.enrolment import Drift, Ending, Start, Step, judged
from app.auth.names import plain_name
from app.auth.sign_in import Associated, Challenge, Tokens
from app.auth.stages import AskCode, AskEnding, AskPassword, Expired, Finished, Scan, Stage, Stuck, Verified
from app.auth.totp import OtpAuth
from app.aws.translate import ANSWER_LOST
from app.directory.access import Removal
from app.directory.models import MfaPreference, User, UserStatus
from app.elapsed import elapsed
from app.enrolment_steps import Tools, hand_over, perform
from app.errors import AppError, ErrorCode
from app.journal_models import MirrorRequest
from app.onboarding.mirror import MirrorKind
from app.pool.password import generate
from app.running import Run, in_turn

T = TypeVar("T")
_LAST = frozenset({Step.SIGN_OUT, Step.CLOSE})  # taken also when the connection is being left
EXPIRED = "The time that Cognito gives a sign-in ran out. "
_OF_A_SESSION = frozenset({Step.SIGN_IN, Step.ANSWER_FACTOR, Step.ASSOCIATE, Step.SIGN_OUT})  # done anew in another


class Enrolment(Run):
    """Made by Enrolments.begin. `notice` is what the person at the Desk should read beside the present stage."""

    def __init__(self, user: User, start: Start, issuer: str, tools: Tools) -> None:
        super().__init__()
        self.user = user
        self.start = start
        self.stage: Stage = AskPassword()
        self.notice = ""
        self.done: tuple[Step, ...] = ()
        self._issuer = issuer
        self._tools = tools
        self._random: str | None = None
        self._where: Tokens | Challenge | None = None  # the session that the person is signed in with
        self._made: Associated | None = None
        self._setup: Challenge | None = None  # MFA_SETUP, to be answered now that the authenticator is verified
        self._entry = ""  # of the QR code that was on show, as the app names it; it may have been scanned
        self._drift: Drift | None = None
        self._removed: Removal | None = None  # the lost authenticator
        self._doubt = False  # whether a step was made, or a session ended, is not known

    @property
    def way(self) -> str:
        """The operation and flow by which Cognito let the Desk sign in; empty before."""
        flow = self._tools.sign_in.flow
        return f"{flow.operation} ({flow.value})" if flow is not None else ""

    @in_turn
    def begin(self, *, lost: bool = False) -> None:
        """Write down that it begins; `lost`: remove the present authenticator. The random start then signs in."""
        self._step(Step.BEGIN, lambda: None, start=self.start.value)
        if lost:
            self._remove_lost()
        if self.start is Start.RANDOM:
            secret = generate(self._tools.policy, 32)
            username = self.user.username
            self._step(
                Step.SET_RANDOM,
                lambda: self._tools.users.set_password(username, secret, permanent=True, status=self.user.status),
            )
            self._random = secret
            self.user = replace(self.user, status=UserStatus.CONFIRMED)
            self._sign_in(secret)

    @in_turn
    def sign_in(self, password: str) -> None:
        """Sign in with the person's own password. AppError WRONG_PASSWORD: they may try again."""
        if not password:
            message = "Password: it is empty. Have the person type it."
            raise AppError(ErrorCode.INVALID_INPUT, message, subject="password", fields={"password": message})
        self._sign_in(password)

    @in_turn
    def resume(self) -> None:
        """With a random password set already and the sign-in not through: try it again."""
        if self._random is None:
            self.stage = AskPassword(again=True)
        else:
            self._sign_in(self._random)

    @in_turn
    def choose_password(self, password: str) -> None:
        """Answer NEW_PASSWORD_REQUIRED with one of the person's own. AppError PASSWORD_POLICY, PASSWORD_REUSED."""
        challenge = self._challenge()
        answer = self._in_session(
            Step.CHOOSE_PASSWORD, lambda: self._tools.sign_in.answer(challenge, {"NEW_PASSWORD": password})
        )
        if answer is not None:
            self.user = replace(self.user, status=UserStatus.CONFIRMED)
            self._go_on(answer)

    @in_turn
    def choose_factor(self, factor: str) -> None:
        """Answer SELECT_MFA_TYPE with totp, sms or email."""
        challenge = self._challenge()
        chosen = stages.CHALLENGE_OF[factor]
        answer = self._in_session(
            Step.ANSWER_FACTOR, lambda: self._tools.sign_in.answer(challenge, {"ANSWER": chosen}), factor=factor
        )
        if answer is not None:
            self._go_on(answer)

    @in_turn
    def answer_code(self, code: str) -> None:
        """Answer a second factor that is set up already. AppError CODE_WRONG, CODE_EXPIRED (used already)."""
        challenge = self._challenge()
        digits = _digits(code)
        answer = self._in_session(
            Step.ANSWER_FACTOR, lambda: self._tools.sign_in.answer_code(challenge, digits), factor=challenge.name
        )
        if answer is not None:
            self._go_on(answer)

    @in_turn
    def remove_lost(self) -> None:
        """The authenticator that Cognito asks for is lost: remove it, and sign in again without it."""
        self._remove_lost()
        self._where = None
        self.resume()
        if isinstance(self.stage, AskPassword):
            self.notice = "The lost authenticator is removed. Sign in once more, now without it."

    def _remove_lost(self) -> None:
        mirror = mirror_requests.request(MirrorKind.MFA_LOST, self.user)
        self._removed = self._step(Step.REMOVE_LOST, lambda: self._tools.remove(self.user), mirror)
        self._tools.learn(self.user)

    def expire(self) -> None:
        """The session's time is over by the clock: drop the secret, asking nobody. Nothing in the middle of a call."""
        with self.free_turn() as free:
            if free and isinstance(self.stage, Scan):
                self._made = None  # the session stays, to be signed out
                self.done = tuple(step for step in self.done if step not in _OF_A_SESSION)
                self.stage, self.notice = Expired(self._entry, self._random is None), ""

    @in_turn
    def renew(self) -> None:
        """Another secret and QR code, in place of one that somebody else may have seen, or that came to nothing."""
        where = self._where
        if where is None or isinstance(self.stage, Expired):
            self._sign_in_anew()
            return
        try:
            self._associate(where)
        except AppError as error:
            if error.code is not ErrorCode.CHALLENGE_EXPIRED:
                raise
            self._sign_in_anew()

    @in_turn
    def verify(self, code: str) -> None:
        """Prove the new authenticator with a code of it, and do everything that follows.

        AppError CODE_WRONG says by how much the phone's clock is off, where it is. Nothing is asked of Cognito then.
        """
        stage, made, where = self.stage, self._made, self._where
        if not isinstance(stage, Scan) or made is None or where is None:
            raise AppError(ErrorCode.CHALLENGE_EXPIRED, f"{EXPIRED}Sign in once more.")
        drift = judged(stage.otp, code, self._tools.sign_in.epoch + elapsed())
        digits = _digits(code)
        try:
            session = self._step(
                Step.VERIFY, lambda: self._tools.sign_in.verify(where if isinstance(where, Tokens) else made, digits)
            )
        except AppError as error:
            if error.code is ErrorCode.CHALLENGE_EXPIRED:
                self._sign_in_anew()
                return
            if error.code not in ANSWER_LOST:
                raise self._outdone(error) from error
            self._find_out(error)
            session = None
        self._drift = drift
        self._made = None
        if isinstance(where, Challenge) and session is not None:
            self._setup = replace(where, session=session)
        if isinstance(where, Challenge):
            self._where = None
        self.stage, self.notice = Verified(), ""
        self.complete()

    @in_turn
    def complete(self) -> None:
        """What follows a verified authenticator: end the challenge, prefer it, sign out. May be called again."""
        if self._setup is not None:
            self._answer_setup(self._setup)
        if Step.PREFER not in self.done:
            self._prefer()
        self.notice = self._sign_out() or self.notice
        if self._random is not None:
            self.stage = AskEnding(self._tools.endings(self.user))
        else:
            self._close(Finished(drift=self._drift))

    @in_turn
    def hand_over(self, ending: Ending) -> None:
        """Give the person a password of their own in place of the random one."""
        password = hand_over(self._tools.users, self._tools.policy, self._step, self.user, ending)
        self._random = None
        self._close(Finished(ending, password, self._drift))

    def _wind_up(self) -> None:
        """Leave it where it is: end the session, as far as that can be done, and drop every secret."""
        with contextlib.suppress(AppError):  # journalled; the situation of the account says that it may be open
            self._sign_out()
            if not (self._doubt or {Step.SET_RANDOM, Step.VERIFY, Step.CLOSE} & set(self.done)):
                self._step(Step.CLOSE, lambda: None)  # nothing of it is in the account: nobody need look after it
        self.forget()

    def forget(self) -> None:
        """Drop every secret from memory."""
        self._random = self._where = self._made = self._setup = None
        self.stage = Stuck("", "This enrolment has ended.")

    def _sign_in(self, password: str) -> None:
        self.notice = ""
        self.done = tuple(step for step in self.done if step not in _OF_A_SESSION)
        self._go_on(self._step(Step.SIGN_IN, lambda: self._tools.sign_in.begin(password)))

    def _go_on(self, answer: Tokens | Challenge) -> None:
        self._where = answer
        asked = stages.asked_by(answer) if isinstance(answer, Challenge) else None
        if isinstance(asked, AskCode) and asked.factor == "totp" and self._removed is not None:
            # Switched off is not enough where MFA is required: Cognito goes on asking for what it still has.
            reason = (
                f"The lost authenticator could only be switched off, and Cognito still asks for it. {self._removed.why}"
            )
            self.stage = Stuck("SOFTWARE_TOKEN_MFA", reason.strip())
        elif asked is not None:
            self.stage = asked
        else:
            self._associate(answer)

    def _associate(self, where: Tokens | Challenge) -> None:
        made = self._step(Step.ASSOCIATE, lambda: self._tools.sign_in.associate(where))
        if isinstance(where, Challenge):
            self._where = replace(where, session=made.session or where.session, asked=made.asked)
            until: float | None = made.asked + self._tools.session_validity.total_seconds()
        else:
            until = where.until
        self._made = made
        account = plain_name(self.user.email or self.user.username)
        otp = OtpAuth(totp.clean_secret(made.secret), account, self._issuer)
        self.notice = f"This is a new QR code. {_old(self._entry)}" if self._entry else ""
        self._entry = ": ".join(part for part in (self._issuer, account) if part)
        self.stage = Scan(otp, until, self._tools.sign_in.epoch)

    def _challenge(self) -> Challenge:
        if not isinstance(self._where, Challenge):
            raise AppError(ErrorCode.CHALLENGE_EXPIRED, f"{EXPIRED}Sign in once more.")
        return self._where

    def _in_session(
        self, step: Step, call: Callable[[], Tokens | Challenge], **details: str
    ) -> Tokens | Challenge | None:
        """The answer; None where the session had expired, and the stage says how to go on."""
        try:
            return self._step(step, call, None, **details)
        except AppError as error:
            if error.code is not ErrorCode.CHALLENGE_EXPIRED:
                raise
            self._sign_in_anew()
            return None

    def _sign_in_anew(self) -> None:
        """The session's time ran out. One with tokens is ended first: its refresh token lives on for long."""
        note = self._sign_out()
        self._where = self._made = None
        if self._random is None:
            self.stage = AskPassword(again=True)
            old = f" {_old(self._entry)}" if self._entry else ""
            words = f"{EXPIRED}Have them type their password once more: the Desk has not kept it.{old}"
        else:
            self._sign_in(self._random)
            words = f"{EXPIRED}{self.notice or 'The Desk signed in once more.'}"
        self.notice = f"{words} {note}".strip()

    def _outdone(self, refused: AppError) -> AppError:
        """Cognito refused a code that is right for the secret on show: it holds another one, made since."""
        if refused.code not in (ErrorCode.CODE_WRONG, ErrorCode.MFA_NOT_ENABLED):
            return refused
        who = self._tools.rival() or "It was made in another window, on another workstation, or by the person."
        message = (
            "The code belongs to this QR code, and Cognito refuses it all the same: it seems to hold a newer one for "
            f"this person. {who} Only the newest works. Agree on who goes on, then press “New QR code” and have that "
            "one scanned."
        )
        return AppError(
            ErrorCode.CODE_WRONG,
            message,
            subject=refused.subject,
            request_id=refused.request_id,
            fields={"code": message},
        )

    def _find_out(self, lost: AppError) -> None:
        """No answer came to a code: whether the authenticator is there, only preferring it can tell."""
        try:
            self._prefer()
        except AppError as error:
            if error.code in (ErrorCode.MFA_NOT_ENABLED, ErrorCode.INVALID_INPUT):
                message = f"{lost.message} The code has not been taken so far: enter the app's next one."
                raise AppError(lost.code, message, subject=lost.subject, request_id=lost.request_id) from lost
            raise

    def _answer_setup(self, setup: Challenge) -> None:
        # Whatever comes of it, the authenticator is verified; an administrator can prefer it without this session.
        self._setup = None
        try:
            answer = self._step(Step.ANSWER_SETUP, lambda: self._tools.sign_in.answer(setup, {}))
        except AppError:
            return
        if isinstance(answer, Tokens):
            self._where = answer

    def _prefer(self) -> None:
        where, username = self._where, self.user.username
        mirror = mirror_requests.request(MirrorKind.MFA_ENROLLED, self.user)
        if isinstance(where, Tokens):
            try:
                self._step(Step.PREFER, lambda: self._tools.sign_in.prefer(where), mirror, by="own token")
            except AppError as error:
                if error.code in ANSWER_LOST:
                    raise
        if Step.PREFER not in self.done:
            both = MfaPreference(totp=True, preferred="totp")
            self._step(
                Step.PREFER,
                lambda: self._tools.users.set_mfa_preference(username, both),
                mirror,
                by="administrator",
            )
        self._tools.enrolled(self.user)

    def _sign_out(self) -> str:
        """End the session, where there is one that can be ended; what the person at the Desk should know of it."""
        where = self._where
        if not isinstance(where, Tokens):
            return ""
        self._where = None
        sign_in = self._tools.sign_in
        try:
            self._step(Step.SIGN_OUT, lambda: sign_in.revoke(where), scope="this session")
        except AppError:
            try:
                self._step(Step.SIGN_OUT, sign_in.end_all, scope="every session of the person")
                self._doubt = False
            except AppError as error:
                return f"The Desk's own session could not be ended ({error.message}) It ends by itself."
            return "The person was signed out on all their devices: this app client cannot end one session."
        return ""

    def _close(self, finished: Finished) -> None:
        if finished.temporary_password is None:
            self._step(Step.CLOSE, lambda: None)  # else once somebody has read it: Enrolments.close
        self._random = self._where = self._made = self._setup = None
        self.stage = finished

    def _step(self, step: Step, call: Callable[[], T], mirror: MirrorRequest | None = None, **details: str) -> T:
        if self.stopped and step not in _LAST:
            message = "The connection was left in the middle of this enrolment. The journal says how far it has come."
            raise AppError(ErrorCode.STOPPED, message, subject=self.user.username)
        try:
            value = perform(self._tools.changes, self.user, step, call, mirror, details)
        except BaseException as error:
            refused = isinstance(error, AppError) and error.code not in ANSWER_LOST
            self._doubt = self._doubt or not refused or step is Step.SIGN_OUT
            raise
        self.done = (*self.done, step)
        return value


def _old(entry: str) -> str:
    return f"If they have scanned the one before, have them delete its entry ({entry}) in the app first."


def _digits(code: str) -> str:
    return "".join(character for character in code if character.isdigit() and character.isascii())
