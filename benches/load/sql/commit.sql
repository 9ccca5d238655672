-- What one durable commit of one row costs.
insert into bench_commit values (:client_id);
