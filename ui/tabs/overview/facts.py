"""What the pool, its app client and the environment say, in words. Pure: cards and report both read from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.environment import EnvironmentReport
from app.pool.models import ClientSnapshot, PasswordPolicy, PoolSnapshot
from ui.text import count, number, tr

# Source document, section 2: the application signs in and refreshes with these two, and does without the others.
REQUIRED_FLOWS = ("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")

_FACTORS = {"totp": "authenticator app", "sms": "SMS", "email": "email"}
_MFA = {"OFF": "Off", "OPTIONAL": "Optional", "ON": "Required"}
_ATTRIBUTES = {"email": "email", "phone_number": "phone number", "preferred_username": "preferred user name"}


@dataclass(frozen=True, slots=True)
class Warn:
    """Something to look at: a few words for a pill, and the whole sentence."""

    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a card. `good` shows the value itself as a pill. `mono`: an identifier."""

    name: str
    value: str
    warnings: tuple[Warn, ...] = ()
    good: bool = False
    mono: bool = False
    hint: str = ""


def pool_facts(pool: PoolSnapshot) -> tuple[Fact, ...]:
    """The user pool, line by line."""
    policy = pool.password_policy
    return (
        Fact(tr("Name"), pool.name),
        Fact(tr("ID"), pool.id, mono=True),
        Fact(
            tr("Users"),
            tr("about {n}", n=number(pool.estimated_users)),
            hint=tr("Cognito's own estimate (EstimatedNumberOfUsers)."),
        ),
        _sign_in(pool),
        _mfa(pool),
        Fact(tr("Password"), password_words(policy)),
        Fact(tr("Temporary"), tr("valid {days}", days=count(policy.temporary_days, "day", "days"))),
        Fact(tr("Tier"), pool.tier.capitalize() if pool.tier else tr("not reported")),
        _deletion(pool),
        _letter_case(pool),
    )


def client_facts(client: ClientSnapshot) -> tuple[Fact, ...]:
    """The app client, line by line."""
    validity = tr(
        "{access} access · {id} ID · {refresh} refresh",
        access=duration(client.access_validity),
        id=duration(client.id_validity),
        refresh=duration(client.refresh_validity),
    )
    enumeration = Fact(tr("Enumeration"), tr("prevented"), good=True)
    if not client.prevents_enumeration:
        why = tr("Sign-in and reset tell strangers whether an account exists. Turn on “prevent user existence errors”.")
        enumeration = Fact(tr("Enumeration"), tr("possible"), (Warn(tr("not prevented"), why),))
    found: tuple[Fact, ...] = (
        Fact(tr("Name"), client.name),
        Fact(tr("ID"), client.id, mono=True),
        Fact(tr("Flows"), "\n".join(short_flow(flow) for flow in client.flows), _missing_flows(client)),
        Fact(tr("Secret"), tr("yes") if client.has_secret else tr("none")),
        Fact(tr("Tokens"), validity),
        Fact(tr("Revocation"), tr("on") if client.revocation else tr("off")),
        enumeration,
    )
    if client.providers:
        found += (Fact(tr("Providers"), ", ".join(client.providers)),)
    if client.callback_urls:
        found += (Fact(tr("Callbacks"), "\n".join(client.callback_urls)),)
    return found


def provider_fact(report: EnvironmentReport) -> Fact:
    """Which provider AUTH_PROVIDER selects for the application's own sign-in."""
    name = tr("Sign-in through")
    if not any(variable.name == "AUTH_PROVIDER" and variable.present for variable in report.variables):
        return Fact(name, tr("local (AUTH_PROVIDER is not set)"))
    warnings: tuple[Warn, ...] = ()
    if report.auth_provider == "cognito" and report.missing:
        why = tr("{names} not set: the application falls back to local.", names=", ".join(report.missing))
        warnings = (Warn(tr("falls back to local"), why),)
    elif report.auth_provider not in ("cognito", "local", "agencio"):
        why = tr("AUTH_PROVIDER must be cognito, local or agencio.")
        warnings = (Warn(tr("not a provider"), why),)
    return Fact(name, tr("{provider} (AUTH_PROVIDER)", provider=report.auth_provider), warnings)


def password_words(policy: PasswordPolicy) -> str:
    """'12+ characters, upper, lower, digit, symbol'."""
    parts = [tr("{n}+ characters", n=policy.minimum_length)]
    wanted = ((policy.uppercase, "upper"), (policy.lowercase, "lower"), (policy.digits, "digit"))
    parts += [tr(word) for asked, word in (*wanted, (policy.symbols, "symbol")) if asked]
    if policy.history:
        parts.append(tr("none of the last {n}", n=policy.history))
    return ", ".join(parts)


def duration(span: timedelta) -> str:
    """'30 d', '1 h', '90 min', '45 s': exact, in the largest unit that divides it."""
    seconds = round(span.total_seconds())
    for size, unit in ((86400, "{n} d"), (3600, "{n} h"), (60, "{n} min")):
        if seconds >= size and seconds % size == 0:
            return tr(unit, n=seconds // size)
    return tr("{n} s", n=seconds)


def short_flow(flow: str) -> str:
    """USER_PASSWORD_AUTH for ALLOW_USER_PASSWORD_AUTH: the name that the sign-in call uses."""
    return flow.removeprefix("ALLOW_")


def _missing_flows(client: ClientSnapshot) -> tuple[Warn, ...]:
    why = tr("The application needs this flow. Without it nobody can sign in or stay signed in: enable it in AWS.")
    return tuple(
        Warn(tr("{flow} missing", flow=short_flow(flow)), why) for flow in REQUIRED_FLOWS if flow not in client.flows
    )


def _sign_in(pool: PoolSnapshot) -> Fact:
    name = tr("Sign-in")
    if pool.username_attributes:
        words = tr(" or ").join(tr(_ATTRIBUTES.get(a, a)) for a in pool.username_attributes)
    else:
        aliases = [tr(_ATTRIBUTES.get(a, a)) for a in pool.alias_attributes]
        words = tr(" or ").join([tr("user name"), *aliases])
    if "email" in (*pool.username_attributes, *pool.alias_attributes):
        return Fact(name, words)
    why = tr("The application signs people in with their email address; this pool does not accept it.")
    return Fact(name, words, (Warn(tr("not with email"), why),))


def _mfa(pool: PoolSnapshot) -> Fact:
    name, mode = tr("MFA"), tr(_MFA.get(pool.mfa, pool.mfa))
    if pool.mfa == "OFF":
        why = tr(
            "While it is off, asking one person for a second factor has no effect. Set it to optional or required."
        )
        return Fact(name, mode, (Warn(tr("MFA is off"), why),))
    if not pool.factors_known:
        why = tr("Which second factors the pool offers needs the permission cognito-idp:GetUserPoolMfaConfig.")
        return Fact(name, tr("{mode} · factors not readable", mode=mode), hint=why)
    factors = ", ".join(tr(_FACTORS.get(factor, factor)) for factor in pool.factors) or tr("no factor")
    value = tr("{mode} · {factors}", mode=mode, factors=factors)
    if "totp" in pool.factors:
        return Fact(name, value)
    why = tr("The application enrols authenticator apps (TOTP). Enable them in the pool's MFA settings.")
    return Fact(name, value, (Warn(tr("no authenticator app"), why),))


def _deletion(pool: PoolSnapshot) -> Fact:
    name = tr("Deletion protection")
    if pool.deletion_protection:
        return Fact(name, tr("on"))
    return Fact(name, tr("off"), hint=tr("Whoever has the permission can delete the whole pool with one call."))


def _letter_case(pool: PoolSnapshot) -> Fact:
    name = tr("Letter case")
    if not pool.case_sensitive:
        return Fact(name, tr("does not matter at sign-in"))
    why = tr("Ada@ and ada@ can be two accounts, and people sign in to the wrong one. Fixed when the pool was created.")
    return Fact(name, tr("matters at sign-in"), (Warn(tr("duplicates possible"), why),))
