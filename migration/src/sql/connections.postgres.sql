-- The owner is behind the wall too, once it is forced.
alter table connection no force row level security;
update connection set updated_at = created_at;
-- Copied, not moved: the release before reads them where they were.
update connection set receives = json_build_object('eventTypes', config::json -> 'eventTypes')::text
    where json_typeof(config::json -> 'eventTypes') = 'array';
alter table connection force row level security;
