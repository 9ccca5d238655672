//! SeaORM migrations.
