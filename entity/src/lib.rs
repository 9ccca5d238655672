//! SeaORM entities: the tables as they are.
