-- Optional: lets auth.users tell at once who was changed, so that Cognito Desk need not ask every second.
-- Needs PostgreSQL 10 or newer and the owner of auth.users. Run it again at any time; to take it back:
--   DROP FUNCTION auth.users_tell_changes() CASCADE;
-- One message for each statement on channel auth_users_changed: the ids, or * where they are too many for a message.
BEGIN;

CREATE OR REPLACE FUNCTION auth.users_tell_changes() RETURNS trigger LANGUAGE plpgsql AS $function$
DECLARE
    ids text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        ids := '*';
    ELSE
        SELECT CASE WHEN count(*) > 100 THEN '*' ELSE string_agg(few.id::text, ' ') END
            INTO ids FROM (SELECT id FROM changed LIMIT 101) AS few;
        IF octet_length(ids) > 7000 THEN
            ids := '*';
        END IF;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM pg_notify('auth_users_changed', ids);
    END IF;
    RETURN NULL;
END
$function$;

DROP TRIGGER IF EXISTS users_tell_insert ON auth.users;
CREATE TRIGGER users_tell_insert AFTER INSERT ON auth.users
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE PROCEDURE auth.users_tell_changes();

DROP TRIGGER IF EXISTS users_tell_update ON auth.users;
CREATE TRIGGER users_tell_update AFTER UPDATE ON auth.users
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE PROCEDURE auth.users_tell_changes();

DROP TRIGGER IF EXISTS users_tell_delete ON auth.users;
CREATE TRIGGER users_tell_delete AFTER DELETE ON auth.users
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE PROCEDURE auth.users_tell_changes();

DROP TRIGGER IF EXISTS users_tell_truncate ON auth.users;
CREATE TRIGGER users_tell_truncate AFTER TRUNCATE ON auth.users
    FOR EACH STATEMENT EXECUTE PROCEDURE auth.users_tell_changes();

COMMIT;
