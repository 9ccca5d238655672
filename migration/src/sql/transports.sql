-- A confirmation of a message: ours of what came in, so that it gets the same when it comes again; the receiver's of
-- what went out. By SHA-256 of the message's id.
create table transport_answer (
    connection_id {uuid} not null references connection (id),
    way text not null,
    message_hash {bytes} not null,
    tenant_id {uuid} not null references tenant (id),
    headers text not null,
    body {bytes} not null,
    answered_at bigint not null,
    primary key (connection_id, way, message_hash)
);
create index transport_answer_age on transport_answer (answered_at);
create index transport_answer_of_tenant on transport_answer (tenant_id);
