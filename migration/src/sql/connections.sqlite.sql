update connection set updated_at = created_at;
-- Copied, not moved: the release before reads them where they were.
update connection set receives = json_object('eventTypes', json_extract(config, '$.eventTypes'))
    where json_type(config, '$.eventTypes') = 'array';
