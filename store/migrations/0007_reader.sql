-- The role as which dashboards and the web read. Roles belong to the whole server, so another database may have made it.

do $$
begin
    create role herald_reader nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public, metric, slo to herald_reader;
grant select on all tables in schema public, metric, slo to herald_reader;
alter default privileges in schema public grant select on tables to herald_reader;
alter default privileges in schema metric grant select on tables to herald_reader;
alter default privileges in schema slo grant select on tables to herald_reader;

-- A reader that may call set_config could shed its role in the middle of a statement.
revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
