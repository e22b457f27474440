-- auth.users for a fresh database: the columns of the product's own table that the Desk reads or writes.
-- Unique on email as it is spelled: people who differ only by case exist, and are found and shown.
CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE auth.users (
    id                    uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    email                 text        NOT NULL UNIQUE,
    subject               text,
    name                  text,
    role                  text,
    organization_id       text,
    auth_provider         text        NOT NULL DEFAULT 'local',
    email_verified        boolean     NOT NULL DEFAULT false,
    status                text        NOT NULL DEFAULT 'pending_verification'
        CONSTRAINT users_status_known CHECK (status IN (
            'active', 'suspended', 'disabled', 'pending_verification',
            'pending_approval', 'pending_mfa', 'pending_subscription', 'rejected')),
    status_before_disable text,
    mfa_required          boolean     NOT NULL DEFAULT false,
    mfa_method            text,
    mfa_enrolled_at       timestamptz,
    password_reset_at     timestamptz,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX users_email_lower ON auth.users (lower(email));
CREATE INDEX users_subject ON auth.users (subject);
CREATE INDEX users_changed ON auth.users (updated_at);
CREATE INDEX users_status_changed ON auth.users (status, updated_at);
