//! The tables, as SQL for both databases.
//!
//! A migration runs under the code of the release before it: it adds and moves; a later release removes.
//! It never uses the entities, which change while it must not. The files under `sql/` are one text for both
//! databases; a few names in braces stand for the types that differ.

mod m20261123_000001_foundation;
mod m20261125_000003_shipments;
mod m20261125_000004_exceptions;
mod m20261125_000006_policies;
mod m20261125_000007_connections;
mod m20261125_000008_deliveries;
mod m20261125_000009_inbound;
mod m20261125_000010_webhooks;
mod m20261125_000011_publication;
mod m20261125_000012_trading_partners;
mod m20261125_000013_interchanges;
mod m20261125_000014_exchange;
mod m20261125_000015_transports;
mod m20261125_000017_answers_in_part;

use sea_orm_migration::prelude::*;

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_foundation::Foundation),
            Box::new(m20261125_000003_shipments::Shipments),
            Box::new(m20261125_000004_exceptions::Exceptions),
            Box::new(m20261125_000006_policies::Policies),
            Box::new(m20261125_000007_connections::Connections),
            Box::new(m20261125_000008_deliveries::Deliveries),
            Box::new(m20261125_000009_inbound::Inbound),
            Box::new(m20261125_000010_webhooks::Webhooks),
            Box::new(m20261125_000011_publication::Publication),
            Box::new(m20261125_000012_trading_partners::TradingPartners),
            Box::new(m20261125_000013_interchanges::Interchanges),
            Box::new(m20261125_000014_exchange::Exchange),
            Box::new(m20261125_000015_transports::Transports),
            Box::new(m20261125_000017_answers_in_part::AnswersInPart),
        ]
    }
}

/// Runs `sql`, with the type names in braces replaced by those of the database at hand.
async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let types: &[(&str, &str)] = match manager.get_database_backend() {
        sea_orm_migration::sea_orm::DbBackend::Postgres => &[
            ("{uuid}", "uuid"),
            ("{bytes}", "bytea"),
            ("{date}", "date"),
            ("{serial}", "bigint generated always as identity primary key"),
        ],
        _ => &[
            ("{uuid}", "blob"),
            ("{bytes}", "blob"),
            ("{date}", "date_text"),
            ("{serial}", "integer primary key autoincrement"),
        ],
    };
    let sql = types.iter().fold(sql.to_owned(), |sql, (name, real)| sql.replace(name, real));
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}
