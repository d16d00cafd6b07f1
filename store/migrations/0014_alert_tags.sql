-- What an alert is found and grouped by beside its entity: topology segment, correlated change, action, team.

alter table alert add column tags jsonb not null default '{}';
